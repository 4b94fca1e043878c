#include "checkpoint/crc32c.hpp"

#include <array>
#include <cstring>
#include <immintrin.h>

namespace holdfast::checkpoint {
namespace {

// Octet by octet, least significant bit first: a register's bit 31 is the coefficient of x^0.
constexpr std::uint32_t kPolynomial = 0x82f63b78;

constexpr std::uint32_t times_x(std::uint32_t value) { return value >> 1 ^ (value & 1 ? kPolynomial : 0); }

// kTable[k][o]: what octet o does to the register k octets later.
constexpr auto kTable = [] {
  std::array<std::array<std::uint32_t, 256>, 8> table{};
  for (std::uint32_t octet = 0; octet < 256; ++octet) {
    std::uint32_t value = octet;
    for (int bit = 0; bit < 8; ++bit) value = times_x(value);
    table[0][octet] = value;
  }
  for (std::size_t k = 1; k < 8; ++k)
    for (std::size_t octet = 0; octet < 256; ++octet)
      table[k][octet] = table[k - 1][octet] >> 8 ^ table[0][table[k - 1][octet] & 0xff];
  return table;
}();

constexpr std::size_t kMaxThird = 192;  // words in a third: 4,608 octets in one go

// kShift[n] moves a register over n words of 8 octets: x^(64 n - 33). The 33 are those by which multiplying two
// reflected values (1) and the CRC instruction (32) shift by themselves.
constexpr auto kShift = [] {
  std::array<std::uint32_t, 2 * kMaxThird + 1> shift{};
  std::uint32_t power = 0x80000000;  // x^0
  for (std::size_t exponent = 0, n = 1; n < shift.size(); ++exponent, power = times_x(power)) {
    if (exponent == 64 * n - 33) shift[n++] = power;
  }
  return shift;
}();

std::uint64_t word(const std::uint8_t* at) {
  std::uint64_t value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

__attribute__((target("pclmul"))) std::uint64_t multiply(std::uint32_t a, std::uint32_t b) {
  const __m128i product = _mm_clmulepi64_si128(_mm_cvtsi64_si128(a), _mm_cvtsi64_si128(b), 0);
  return static_cast<std::uint64_t>(_mm_cvtsi128_si64(product));
}

// The instruction takes three cycles and one can start in each: so three thirds are summed side by side, then the first
// two are moved to the end by a multiplication each and go in with the last word.
__attribute__((target("sse4.2,pclmul"))) std::uint32_t three_thirds(const std::uint8_t* at, std::size_t third,
                                                                    std::uint32_t before) {
  std::uint64_t a = before;
  std::uint64_t b = 0;
  std::uint64_t c = 0;
  const std::uint8_t* const last = at + 8 * (third - 1);
  for (; at != last; at += 8) {
    a = _mm_crc32_u64(a, word(at));
    b = _mm_crc32_u64(b, word(at + 8 * third));
    c = _mm_crc32_u64(c, word(at + 16 * third));
  }
  a = _mm_crc32_u64(a, word(at));
  b = _mm_crc32_u64(b, word(at + 8 * third));
  const std::uint64_t moved = multiply(static_cast<std::uint32_t>(a), kShift[2 * third]) ^
                              multiply(static_cast<std::uint32_t>(b), kShift[third]);
  return static_cast<std::uint32_t>(_mm_crc32_u64(c, word(at + 16 * third) ^ moved));
}

}  // namespace

std::uint32_t crc32c_by_table(Octets octets, std::uint32_t before) {
  std::uint32_t crc = ~before;
  const std::uint8_t* at = octets.data();
  std::size_t left = octets.size();
  for (; left >= 8; at += 8, left -= 8) {
    const std::uint64_t w = word(at) ^ crc;
    crc = 0;
    for (std::size_t k = 0; k < 8; ++k) crc ^= kTable[7 - k][w >> (8 * k) & 0xff];
  }
  for (; left != 0; ++at, --left) crc = crc >> 8 ^ kTable[0][(crc ^ *at) & 0xff];
  return ~crc;
}

__attribute__((target("sse4.2"))) std::uint32_t crc32c_by_instruction(Octets octets, std::uint32_t before) {
  constexpr std::size_t kWorthIt = 72;  // octets: below, the two multiplications cost more than they save
  std::uint32_t crc = ~before;
  const std::uint8_t* at = octets.data();
  std::size_t left = octets.size();
  while (left >= kWorthIt) {
    const std::size_t third = left / 24 < kMaxThird ? left / 24 : kMaxThird;
    crc = three_thirds(at, third, crc);
    at += 24 * third;
    left -= 24 * third;
  }
  for (; left >= 8; at += 8, left -= 8) crc = static_cast<std::uint32_t>(_mm_crc32_u64(crc, word(at)));
  for (; left != 0; ++at, --left) crc = _mm_crc32_u8(crc, *at);
  return ~crc;
}

bool has_crc32c_instruction() { return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul"); }

std::uint32_t crc32c(Octets octets, std::uint32_t before) {
  return has_crc32c_instruction() ? crc32c_by_instruction(octets, before) : crc32c_by_table(octets, before);
}

}  // namespace holdfast::checkpoint
