#include "nodes/mss.hpp"

#include "abi/wire.hpp"
#include "nodes/checksum.hpp"

#include <span>

namespace holdfast::nodes {
namespace {

using namespace wire_format;
using Segment = std::span<std::uint8_t>;

constexpr std::uint8_t kProtocolTcp = 6;
constexpr std::uint16_t kFragmentOffset = 0x1fff;
constexpr std::uint16_t kMoreOfIpv6 = sizeof(Ipv6) - sizeof(Ipv4);
// RFC 9293 3.1, 3.2.
constexpr std::size_t kTcpHeader = 20, kOffsetAt = 12, kFlagsAt = 13, kChecksumAt = 16;
constexpr std::uint8_t kSyn = 0x02;
constexpr std::uint8_t kEndOfOptions = 0, kNoOperation = 1, kMaximumSegmentSize = 2;

// The TCP segment right behind the IP header, as far as it is there; empty: there is none.
Segment tcp_of(std::uint8_t* data, std::uint32_t available) {
  std::uint32_t before = sizeof(Ipv6);
  if (available >= sizeof(Ipv4) && data[0] >> 4 == 4) {
    const auto& ip = *reinterpret_cast<const Ipv4*>(data);
    before = (ip.version_ihl & 0x0fu) * 4u;
    if (before < sizeof(Ipv4) || ip.protocol != kProtocolTcp) return {};
    if ((ip.flags_fragment.value() & kFragmentOffset) != 0) return {};
  } else if (available < sizeof(Ipv6) || data[0] >> 4 != 6 ||
             reinterpret_cast<const Ipv6*>(data)->next_header != kProtocolTcp) {
    return {};
  }
  return before + kTcpHeader <= available ? Segment(data + before, available - before) : Segment{};
}

// An option's value may lie across two words of the sum: then its octets count the other way round (RFC 1071 2 B).
std::uint16_t as_summed(std::uint16_t value, std::size_t at) {
  return at % 2 == 0 ? value : static_cast<std::uint16_t>(value << 8 | value >> 8);
}

// RFC 1624 3, equation 3.
void lower(Segment tcp, std::size_t at, std::uint16_t most) {
  auto& value = *reinterpret_cast<Be16*>(&tcp[at]);
  auto& checksum = *reinterpret_cast<Be16*>(&tcp[kChecksumAt]);
  const auto complement = [](std::uint16_t word) { return static_cast<std::uint16_t>(~word); };
  const std::uint64_t sum =
      std::uint64_t{complement(checksum.value())} + complement(as_summed(value.value(), at)) + as_summed(most, at);
  checksum = Be16(complement(fold(sum)));
  value = Be16(most);
}

}  // namespace

void clamp_mss(std::uint8_t* ip, std::uint32_t available, std::uint16_t most) {
  const Segment segment = tcp_of(ip, available);
  if (segment.empty() || (segment[kFlagsAt] & kSyn) == 0) return;
  if (ip[0] >> 4 == 6) most = most > kMoreOfIpv6 ? static_cast<std::uint16_t>(most - kMoreOfIpv6) : std::uint16_t{0};
  const std::size_t end = (segment[kOffsetAt] >> 4) * std::size_t{4};
  if (most == 0 || end < kTcpHeader || end > segment.size()) return;
  std::size_t at = kTcpHeader;
  while (at < end && segment[at] != kEndOfOptions) {
    if (segment[at] == kNoOperation) {
      ++at;
      continue;
    }
    const std::size_t length = at + 1 < end ? segment[at + 1] : 0;
    if (length < 2 || length > end - at) return;
    if (segment[at] == kMaximumSegmentSize && length == 4 &&
        reinterpret_cast<const Be16*>(&segment[at + 2])->value() > most)
      lower(segment, at + 2, most);
    at += length;
  }
}

void clamp_mss_of_frame(std::uint8_t* frame, std::uint32_t length, std::uint16_t most) {
  const std::uint32_t at = length >= 2 && frame[0] == 0 ? 1 : 0;
  if (frame[at] == kPppIpv4 || frame[at] == kPppIpv6) clamp_mss(frame + at + 1, length - at - 1, most);
}

}  // namespace holdfast::nodes
