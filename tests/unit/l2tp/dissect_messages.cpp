// Builds every control message with all AVPs that it may carry and prints each as a line "NAME VARIANT HEX" for the
// script dissect, which has tshark judge them. Variants: basic (RFC 2661, RFC 3145 and the access-line AVPs of RFC
// 5515, which tshark 4.0 decodes), extended (all AVPs), hidden (all AVPs, those that may be hidden being so).
#include "l2tp/builder.hpp"
#include "l2tp/message.hpp"

#include <algorithm>
#include <cstdio>
#include <string>

namespace holdfast::l2tp {
namespace {

class Arbitrary : public Entropy {
 public:
  void fill(MutableOctets out) override {
    for (auto& octet : out) octet = static_cast<std::uint8_t>(state_ = state_ * 1664525 + 1013904223);
  }

 private:
  std::uint32_t state_ = 1;
};

// LCP options for the AVPs that hold a CONFREQ: MRU 1492, Magic-Number.
constexpr std::array<std::uint8_t, 10> kConfreq{1, 4, 0x05, 0xd4, 5, 6, 0xde, 0xad, 0xbe, 0xef};

void add_structure(MessageBuilder& b, AvpType type) {
  if (type == AvpType::result_code) b.result(2, 6, "no resources");
  if (type == AvpType::q931_cause_code) b.add(Q931Cause{16, 0x45, "normal call clearing"});
  if (type == AvpType::call_errors) b.add(CallErrors{1, 2, 3, 4, 5, 6});
  if (type == AvpType::accm) b.add(Accm{0x000a0000, 0x000a0000});
  if (type == AvpType::ppp_disconnect_cause_code) b.add(PppDisconnectCause{16, 0xc023, 1, "bad password"});
  if (type == AvpType::failover_capability) b.add(FailoverCapability{true, false, std::chrono::seconds(30)});
  if (type == AvpType::tunnel_recovery) b.add(TunnelRecovery{TunnelId(11), PeerTunnelId(12)});
  if (type == AvpType::suggested_control_sequence) b.add(SuggestedControlSequence{3, 100});
  if (type == AvpType::failover_session_state) b.add(FailoverSessionState{SessionId(21), PeerSessionId(22)});
}

void add(MessageBuilder& b, const AvpSpec& row) {
  switch (row.kind) {
    case Kind::empty: b.flag(row.type); return;
    case Kind::u16:
    case Kind::id: b.u16(row.type, row.type == AvpType::protocol_version ? kProtocolVersion : std::uint16_t{3}); return;
    case Kind::u32: b.u32(row.type, 3); return;
    case Kind::u64: b.u64(row.type, 1000000); return;
    case Kind::text: b.text(row.type, "holdfast"); return;
    case Kind::octets: b.octets(row.type, Octets(kConfreq)); return;
    case Kind::structure: add_structure(b, row.type); return;
  }
}

void add_value(MessageBuilder& b, AvpType type) {
  constexpr std::array<std::uint8_t, 16> response{0xdd, 0x41};
  constexpr std::array<std::uint8_t, 3> encapsulation{1, 1, 0};
  if (type == AvpType::challenge_response)
    b.octets(type, response);
  else if (type == AvpType::access_loop_encapsulation)
    b.octets(type, encapsulation);
  else
    add(b, *find_avp(type));
}

void print(std::string_view name, std::string_view variant, Octets message) {
  std::string line(name);
  line.append(" ").append(variant).append(" ");
  for (const unsigned octet : message) {
    constexpr std::string_view digits = "0123456789abcdef";
    line += digits[octet >> 4];
    line += digits[octet & 15];
  }
  std::puts(line.c_str());
}

enum class Variant : std::uint8_t { basic, extended, hidden };

bool wanted(Variant variant, AvpType type) {
  return variant != Variant::basic || type <= AvpType::sequencing_required ||
         type == AvpType::ppp_disconnect_cause_code;
}

void build(const MessageSpec& row, Variant variant, std::string_view variant_name) {
  std::array<std::uint8_t, 1400> buffer{};
  Arbitrary entropy;
  const bool of_session = row.scope == Scope::session;
  MessageBuilder b(buffer, row.type, PeerTunnelId(7), PeerSessionId(of_session ? 9 : 0));
  if (variant == Variant::hidden) b.hide(octets_of("secret"), entropy);
  for (const auto type : row.required) add_value(b, type);
  for (const auto type : row.optional)
    if (wanted(variant, type)) add_value(b, type);
  if (row.type == MessageType::icrq)
    for (const auto& avp : kAvps)
      if (vendor(avp.type) == kVendorBroadbandForum) add_value(b, avp.type);
  const Octets message = b.finish();
  set_sequence(MutableOctets(buffer).first(message.size()), 3, 5);
  print(row.name, variant_name, message);
}

}  // namespace
}  // namespace holdfast::l2tp

int main() {
  using namespace holdfast;
  using namespace holdfast::l2tp;
  for (const auto& row : kMessages) {
    if (row.type == MessageType::zlb) continue;
    if (row.type != MessageType::fsq && row.type != MessageType::fsr) build(row, Variant::basic, "basic");
    build(row, Variant::extended, "extended");
    build(row, Variant::hidden, "hidden");
  }
  std::array<std::uint8_t, 12> zlb{};
  print("ZLB", "basic", build_zlb(zlb, PeerTunnelId(7), 3, 5));
}
