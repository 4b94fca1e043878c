// Netlink messages and their attributes, checked: the one place where a length from outside is looked at. After it a
// decoder may assume that each attribute it declared has a length it declared.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <linux/netlink.h>
#include <span>

namespace holdfast::glue {

// The messages of one datagram. datagram: aligned to 4.
class Messages {
 public:
  explicit Messages(std::span<const std::uint8_t> datagram) : rest_(datagram) {}
  // The next whole message; null at the end, or before octets that are none.
  const nlmsghdr* next();
  // After the end: octets were left over.
  bool malformed() const { return !rest_.empty(); }

 private:
  std::span<const std::uint8_t> rest_;
};

// The octets behind a message's header.
std::span<const std::uint8_t> payload_of(const nlmsghdr& message);

struct AttributeRule {
  std::uint16_t type{};   // below kAttributeTypes
  std::uint16_t least{};  // octets of payload
  std::uint16_t most{};
};
inline constexpr std::size_t kAttributeTypes = 32;
inline constexpr std::uint16_t kAnyLength = 0xffff;

class Attributes {
 public:
  // octets: what lies behind the family header, or inside a nest. Attributes without a rule are passed over.
  // False when a length is out of its rule or of the octets.
  [[nodiscard]] bool parse(std::span<const std::uint8_t> octets, std::span<const AttributeRule> rules);

  bool has(std::uint16_t type) const { return found_[type] != nullptr; }
  // The payload; empty when absent.
  std::span<const std::uint8_t> octets(std::uint16_t type) const;
  // In host byte order, as rtnetlink has them. Only for a type that is there and whose rule says at least 2 (4) octets.
  std::uint16_t u16(std::uint16_t type) const { return integer<std::uint16_t>(type); }
  std::uint32_t u32(std::uint16_t type) const { return integer<std::uint32_t>(type); }
  std::uint32_t u32_or(std::uint16_t type, std::uint32_t otherwise) const { return has(type) ? u32(type) : otherwise; }

 private:
  template <class Native>
  Native integer(std::uint16_t type) const {
    Native value{};
    std::memcpy(&value, octets(type).data(), sizeof value);
    return value;
  }
  std::array<const nlattr*, kAttributeTypes> found_{};
};

}  // namespace holdfast::glue
