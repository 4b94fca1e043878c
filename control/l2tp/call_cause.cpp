#include "l2tp/call_cause.hpp"

#include <array>

namespace holdfast::l2tp {
namespace {

// In the order of the codes (RFC 3145 3).
constexpr std::array<std::string_view, 21> kPppCauses{
    "no information",
    "administrative disconnect",
    "LCP may not be negotiated anew, and its proxy information is missing",
    "LCP terminated",
    "encryption refused",
    "LCP timeout",
    "no LCP packets",
    "link looped back",
    "echo timeout",
    "unexpected endpoint discriminator of a multilink bundle",
    "unexpected MRRU of a multilink bundle",
    "unexpected short sequence number option of a multilink bundle",
    "call-back refused",
    "authentication timeout",
    "unexpected name for a multilink bundle",
    "no authentication protocol",
    "authentication failed",
    "NCP timeout",
    "no NCP",
    "no acceptable address",
    "no address permitted",
};

template <std::size_t N>
InlineOctets<N> cut(std::string_view text) {
  InlineOctets<N> out;
  (void)out.assign(text.substr(0, N));
  return out;
}

}  // namespace

CallCause read_cause(const ControlMessage& cdn) {
  CallCause out;
  if (const auto q931 = cdn.q931_cause())
    out.circuit = CircuitCause{q931->cause, q931->message, cut<63>(q931->advisory)};
  if (const auto ppp = cdn.ppp_disconnect_cause())
    out.ppp = PppCause{ppp->code, ppp->control_protocol, ppp->direction, cut<63>(ppp->message)};
  return out;
}

void write_cause(MessageBuilder& cdn, const CallCause& cause) {
  if (cause.circuit) cdn.add(Q931Cause{cause.circuit->code, cause.circuit->message, cause.circuit->advisory.text()});
  if (cause.ppp)
    cdn.add(PppDisconnectCause{cause.ppp->code, cause.ppp->control_protocol, cause.ppp->direction,
                               cause.ppp->message.text()});
}

std::string_view ppp_cause_text(std::uint16_t code) {
  return code < kPppCauses.size() ? kPppCauses[code] : std::string_view{};
}

}  // namespace holdfast::l2tp
