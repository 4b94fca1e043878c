// Router Solicitations from any octets. What is taken for one must have been whole: with any octet of it missing, it
// isn't one. The checksum, which a fuzzer does not guess, is made right in a copy, so that what is behind it is reached
// as well.
#include "subscriber/router_advertisement.hpp"

#include <algorithm>
#include <cstdlib>
#include <vector>

namespace {

using namespace holdfast;

void make_checksum_right(std::vector<std::uint8_t>& packet) {
  constexpr std::size_t kHeader = 40;
  if (packet.size() < kHeader + 8) return;
  const std::size_t length = std::min<std::size_t>(packet.size() - kHeader, std::size_t{packet[4]} << 8 | packet[5]);
  packet[kHeader + 2] = packet[kHeader + 3] = 0;
  std::uint32_t sum = static_cast<std::uint32_t>(length) + 58;
  for (std::size_t i = 8; i < kHeader + length; ++i) sum += i % 2 == 0 ? packet[i] * 256u : packet[i];
  while (sum > 0xffff) sum = sum % 0x10000 + sum / 0x10000;
  packet[kHeader + 2] = static_cast<std::uint8_t>(~sum >> 8);
  packet[kHeader + 3] = static_cast<std::uint8_t>(~sum);
}

void check(Octets packet) {
  if (!subscriber::is_router_solicitation(packet)) return;
  const std::size_t whole = 40 + (std::size_t{packet[4]} << 8 | packet[5]);
  if (packet.size() < whole || packet[6] != 58 || packet[7] != 255 || packet[40] != 133) std::abort();
  for (std::size_t shorter = 0; shorter < whole; ++shorter)
    if (subscriber::is_router_solicitation(packet.first(shorter))) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check(Octets(data, size));
  std::vector<std::uint8_t> packet(data, data + size);
  make_checksum_right(packet);
  check(packet);
  return 0;
}
