// Octets read from or written to the wire, and text and octets of bounded length that live inside records.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace holdfast {

using Octets = std::span<const std::uint8_t>;
using MutableOctets = std::span<std::uint8_t>;

inline Octets octets_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view text_of(Octets octets) { return {reinterpret_cast<const char*>(octets.data()), octets.size()}; }

// Up to Capacity octets in place; trivially copyable and without padding, so that a record may hold it. Unused octets
// are always zero, so that equal values have equal bytes.
template <std::size_t Capacity>
requires(Capacity <= 255) struct InlineOctets {
  std::uint8_t length{};
  std::array<std::uint8_t, Capacity> storage{};

  constexpr InlineOctets() = default;
  // False, and unchanged, when value is longer than Capacity.
  [[nodiscard]] bool assign(Octets value) {
    if (value.size() > Capacity) return false;
    storage.fill(0);
    std::copy(value.begin(), value.end(), storage.begin());
    length = static_cast<std::uint8_t>(value.size());
    return true;
  }
  [[nodiscard]] bool assign(std::string_view value) { return assign(octets_of(value)); }
  void clear() { *this = {}; }
  Octets octets() const { return {storage.data(), std::min<std::size_t>(length, Capacity)}; }
  std::string_view text() const { return text_of(octets()); }
  constexpr bool empty() const { return length == 0; }
  friend bool operator==(const InlineOctets&, const InlineOctets&) = default;
};
static_assert(sizeof(InlineOctets<63>) == 64);

}  // namespace holdfast
