// Loads and stores of words as they lie in a packet, without alignment; and the same in network byte order.
#pragma once

#include <cstdint>
#include <cstring>

namespace holdfast::nodes {

template <class Word>
Word load(const std::uint8_t* from) {
  Word word;
  std::memcpy(&word, from, sizeof(word));
  return word;
}
template <class Word>
void store(std::uint8_t* to, Word word) {
  std::memcpy(to, &word, sizeof(word));
}

inline std::uint16_t swapped(std::uint16_t word) { return __builtin_bswap16(word); }
inline std::uint16_t load_be16(const std::uint8_t* from) { return swapped(load<std::uint16_t>(from)); }
inline std::uint32_t load_be32(const std::uint8_t* from) { return __builtin_bswap32(load<std::uint32_t>(from)); }

}  // namespace holdfast::nodes
