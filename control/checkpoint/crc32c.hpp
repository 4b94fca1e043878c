// CRC32C, the Castagnoli CRC (RFC 3720 12.1): finds damage, and the processor computes it.
#pragma once

#include "wire/octets.hpp"

#include <cstdint>

namespace holdfast::checkpoint {

// Of octets; or, with the CRC of what comes before them, of both together. 0 is the CRC of nothing.
std::uint32_t crc32c(Octets octets, std::uint32_t before = 0);

// The two ways it is computed, for tests: with tables, and with SSE4.2 and PCLMULQDQ where the processor has them.
std::uint32_t crc32c_by_table(Octets octets, std::uint32_t before = 0);
std::uint32_t crc32c_by_instruction(Octets octets, std::uint32_t before = 0);
bool has_crc32c_instruction();

}  // namespace holdfast::checkpoint
