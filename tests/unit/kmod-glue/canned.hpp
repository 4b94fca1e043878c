// Netlink messages for tests: captured ones from their hexadecimal digits, and made ones from attributes.
#pragma once

#include "kmod-glue/observer.hpp"

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <linux/netlink.h>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

namespace holdfast::glue {

using Bytes = std::vector<std::uint8_t>;

inline Bytes from_hex(std::string_view digits) {
  const auto nibble = [](char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10); };
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    bytes.push_back(static_cast<std::uint8_t>(nibble(digits[i]) << 4 | nibble(digits[i + 1])));
  return bytes;
}

inline Bytes little_endian(std::uint32_t value) {
  Bytes bytes(sizeof value);
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

inline Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

inline Bytes padded(Bytes bytes) {
  bytes.resize((bytes.size() + 3) & ~std::size_t{3});
  return bytes;
}

inline Bytes attribute(std::uint16_t type, const Bytes& payload) {
  const nlattr header{.nla_len = static_cast<std::uint16_t>(sizeof(nlattr) + payload.size()), .nla_type = type};
  Bytes bytes(sizeof header);
  std::memcpy(bytes.data(), &header, sizeof header);
  return padded(bytes + payload);
}

template <class Header>
Bytes as_bytes(const Header& header) {
  Bytes bytes(sizeof header);
  std::memcpy(bytes.data(), &header, sizeof header);
  return bytes;
}

inline Bytes message(std::uint16_t type, std::uint16_t flags, const Bytes& payload) {
  nlmsghdr header{};
  header.nlmsg_len = static_cast<std::uint32_t>(sizeof header + payload.size());
  header.nlmsg_type = type;
  header.nlmsg_flags = flags;
  return padded(as_bytes(header) + payload);
}

inline const nlmsghdr& header_of(const Bytes& bytes) { return *reinterpret_cast<const nlmsghdr*>(bytes.data()); }

struct DumpBegan {
  friend bool operator==(DumpBegan, DumpBegan) = default;
};
struct DumpEnded {
  friend bool operator==(DumpEnded, DumpEnded) = default;
};
struct Told {
  std::variant<Link, Address, Neighbour, Route, DumpBegan, DumpEnded> what;
  Change change = Change::added;
  friend bool operator==(const Told&, const Told&) = default;
};

// Keeps what it is told.
class Recorder : public Observer {
 public:
  void link(const Link& link, Change change) override { told.push_back({link, change}); }
  void address(const Address& address, Change change) override { told.push_back({address, change}); }
  void neighbour(const Neighbour& neighbour, Change change) override { told.push_back({neighbour, change}); }
  void route(const Route& route, Change change) override { told.push_back({route, change}); }
  void resynchronizing() override { told.push_back({DumpBegan{}}); }
  void resynchronized() override { told.push_back({DumpEnded{}}); }

  std::vector<Told> told;
};

inline IpAddress v6(std::initializer_list<std::uint16_t> front, std::uint16_t last) {
  IpAddress address;
  std::size_t i = 0;
  for (const auto group : front) {
    address.octets[i++] = static_cast<std::uint8_t>(group >> 8);
    address.octets[i++] = static_cast<std::uint8_t>(group);
  }
  address.octets[14] = static_cast<std::uint8_t>(last >> 8);
  address.octets[15] = static_cast<std::uint8_t>(last);
  return address;
}

}  // namespace holdfast::glue
