#include "config/address_text.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <bit>
#include <charconv>

namespace holdfast::config {
namespace {

// inet_pton wants a terminated string; anything longer than the longest address is none.
template <std::size_t Octets>
std::optional<std::array<std::uint8_t, Octets>> octets_of_text(int family, std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  if (text.size() >= terminated.size() || text.find('\0') != std::string_view::npos) return std::nullopt;
  std::ranges::copy(text, terminated.begin());
  std::array<std::uint8_t, Octets> octets{};
  if (inet_pton(family, terminated.data(), octets.data()) != 1) return std::nullopt;
  return octets;
}

std::optional<IpPrefix> parse_prefix(std::string_view text, std::optional<IpAddress> (*parse)(std::string_view),
                                     unsigned longest) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto address = parse(text.substr(0, slash));
  const auto digits = text.substr(slash + 1);
  unsigned length = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  if (!address || error != std::errc{} || end != digits.data() + digits.size() || length > longest) return std::nullopt;
  return IpPrefix{*address, static_cast<std::uint8_t>(length)};
}

// How many of the 128 bits of IpAddress the prefix fixes.
unsigned fixed_bits(const IpPrefix& prefix) { return prefix.length + (prefix.address.is_v4() ? 96u : 0u); }

// The bits of one octet that lie within the first `bits` bits of an address.
std::uint8_t octet_mask(unsigned index, unsigned bits) {
  const unsigned used = std::clamp(bits, 8 * index, 8 * index + 8) - 8 * index;
  return static_cast<std::uint8_t>(0xff00u >> used);
}

}  // namespace

std::optional<IpAddress> parse_ipv4(std::string_view text) {
  const auto octets = octets_of_text<4>(AF_INET, text);
  if (!octets) return std::nullopt;
  return IpAddress::v4((*octets)[0], (*octets)[1], (*octets)[2], (*octets)[3]);
}

std::optional<IpAddress> parse_ipv6(std::string_view text) {
  const auto octets = octets_of_text<16>(AF_INET6, text);
  if (!octets) return std::nullopt;
  const IpAddress address{*octets};
  if (address.is_v4()) return std::nullopt;
  return address;
}

std::optional<IpPrefix> parse_ipv4_prefix(std::string_view text) { return parse_prefix(text, parse_ipv4, 32); }
std::optional<IpPrefix> parse_ipv6_prefix(std::string_view text) { return parse_prefix(text, parse_ipv6, 128); }

std::optional<std::uint8_t> parse_mask(std::string_view text) {
  const auto mask = parse_ipv4(text);
  if (!mask) return std::nullopt;
  const auto ones = std::countl_one(mask->v4_value());
  if (std::popcount(mask->v4_value()) != ones) return std::nullopt;
  return static_cast<std::uint8_t>(ones);
}

std::string to_text(const IpAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const bool v4 = address.is_v4();
  const std::uint8_t* octets = address.octets.data() + (v4 ? 12 : 0);
  return inet_ntop(v4 ? AF_INET : AF_INET6, octets, text.data(), text.size()) ? text.data() : "";
}

std::string to_text(const IpPrefix& prefix) { return to_text(prefix.address) + '/' + std::to_string(prefix.length); }

bool is_network(const IpPrefix& prefix) {
  for (unsigned i = 0; i < 16; ++i)
    if (prefix.address.octets[i] & static_cast<std::uint8_t>(~octet_mask(i, fixed_bits(prefix)))) return false;
  return true;
}

bool is_unicast(const IpAddress& address) {
  if (address.is_v4()) {
    const auto first = address.octets[12];
    return first != 0 && first != 127 && first < 224;
  }
  IpAddress loopback;
  loopback.octets[15] = 1;
  return address && address != loopback && address.octets[0] != 0xff;
}

bool contains(const IpPrefix& prefix, const IpAddress& address) {
  if (prefix.address.is_v4() != address.is_v4()) return false;
  for (unsigned i = 0; i < 16; ++i)
    if ((prefix.address.octets[i] ^ address.octets[i]) & octet_mask(i, fixed_bits(prefix))) return false;
  return true;
}

std::string mac_text(const std::array<std::uint8_t, 6>& mac) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const auto octet : mac) {
    if (!out.empty()) out += ':';
    out += kDigits[octet >> 4];
    out += kDigits[octet & 15];
  }
  return out;
}

}  // namespace holdfast::config
