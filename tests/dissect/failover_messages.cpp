// Prints messages of RFC 4951 for the script judge, a line each as NAME VARIANT HEX: those that are right, then, named
// `broken`, one for each breach that rfc4951.lua knows, the variant being the words by which it is told.
#include "l2tp/builder.hpp"

#include <array>
#include <cstdio>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::l2tp {
namespace {

using Fill = std::function<void(MessageBuilder&)>;

std::string hex(Octets message) {
  std::string out;
  for (const unsigned octet : message) {
    constexpr std::string_view digits = "0123456789abcdef";
    out += digits[octet >> 4];
    out += digits[octet & 15];
  }
  return out;
}

std::vector<std::uint8_t> built(MessageType type, const Fill& fill) {
  std::array<std::uint8_t, 1400> room{};
  MessageBuilder b(room, type, PeerTunnelId(7), PeerSessionId{});
  fill(b);
  const Octets message = b.finish();
  return {message.begin(), message.end()};
}

void print(std::string_view name, std::string_view variant, Octets message) {
  std::printf("%.*s %.*s %s\n", static_cast<int>(name.size()), name.data(), static_cast<int>(variant.size()),
              variant.data(), hex(message).c_str());
}

constexpr std::size_t kFirstAvp = 20;  // behind the header and the Message Type AVP
constexpr std::size_t kValue = kFirstAvp + 6;

// A message of one AVP with one octet changed.
void broken(std::string_view breach, MessageType type, std::size_t at, std::uint8_t value, const Fill& fill) {
  auto message = built(type, fill);
  message.at(at) = value;
  print("broken", breach, message);
}

void capability(MessageBuilder& b) { b.add(FailoverCapability{true, false, std::chrono::seconds(30)}); }
void recovery(MessageBuilder& b) {
  b.add(TunnelRecovery{TunnelId(11), PeerTunnelId(12)}).u64(AvpType::tie_breaker, 99);
}
void sequence(MessageBuilder& b) { b.add(SuggestedControlSequence{3, 100}); }
void state(MessageBuilder& b) { b.add(FailoverSessionState{SessionId(21), PeerSessionId(22)}); }

void right() {
  print("SCCRQ", "right", built(MessageType::sccrq, capability));
  print("SCCRQ", "right", built(MessageType::sccrq, recovery));
  print("SCCRP", "right", built(MessageType::sccrp, [](auto& b) {
          b.add(FailoverCapability{true, true, std::chrono::milliseconds(900'000)});
        }));
  print("SCCRP", "right", built(MessageType::sccrp, sequence));
  print("FSQ", "right", built(MessageType::fsq, [](auto& b) {
          state(b);
          b.add(FailoverSessionState{SessionId(65535), PeerSessionId(1)});
        }));
  print("FSR", "right", built(MessageType::fsr, [](auto& b) {
          b.add(FailoverSessionState{SessionId{}, PeerSessionId(21)});
        }));
  print("HELLO", "right", built(MessageType::hello, [](auto&) {}));
}

void wrong() {
  constexpr auto kSccrq = MessageType::sccrq, kSccrp = MessageType::sccrp, kFsq = MessageType::fsq;
  broken("reserved-bits-of-AVP-76", kSccrq, kValue, 0x80, capability);
  broken("neither-C-nor-D-is-set", kSccrq, kValue + 1, 0, capability);
  broken("M-bit-of-AVP-76", kSccrq, kFirstAvp, 0x80, capability);
  broken("AVP-76-in-message-6", MessageType::hello, kValue, 0, capability);
  broken("AVP-76-has-a-wrong-length", kSccrq, kFirstAvp + 1, 12 - 2, [](auto& b) { capability(b); });
  broken("reserved-octets-of-AVP-77", kSccrq, kValue + 1, 1, recovery);
  broken("AVP-77-has-tunnel-id-0", kSccrq, kValue + 5, 0, recovery);
  broken("M-bit-of-AVP-77", kSccrq, kFirstAvp, 0, recovery);
  broken("AVP-77-is-hidden", kSccrq, kFirstAvp, 0xc0, recovery);
  broken("AVP-77-in-message-2", kSccrp, kValue, 0, recovery);
  broken("announces-Failover-Capability", kSccrq, 0, 0xc8, [](auto& b) {
    recovery(b);
    capability(b);
  });
  broken("without-Tie-Breaker", kSccrq, 0, 0xc8, [](auto& b) {
    b.add(TunnelRecovery{TunnelId(11), PeerTunnelId(12)});
  });
  broken("reserved-octets-of-AVP-78", kSccrp, kValue + 1, 1, sequence);
  broken("AVP-78-in-message-1", kSccrq, kValue, 0, sequence);
  broken("reserved-octets-of-AVP-79", kFsq, kValue + 7, 1, state);
  broken("AVP-79-in-message-6", MessageType::hello, kValue, 0, state);
  broken("FSQ-or-FSR-with-M-set", kFsq, 12, 0x80, state);
  broken("FSQ-or-FSR-without-session", kFsq, 0, 0xc8, [](auto&) {});
}

}  // namespace
}  // namespace holdfast::l2tp

int main() {
  holdfast::l2tp::right();
  holdfast::l2tp::wrong();
}
