#include "ppp/ipcp.hpp"

#include "ppp/phase.hpp"

namespace holdfast::ppp {
namespace {

constexpr std::uint8_t kAddressLeftOut = 1 << 0;  // Automaton::left_out

constexpr std::uint8_t type_of(IpcpOption option) { return static_cast<std::uint8_t>(option); }

// RFC 1332 3.3: zero asks for an address; any other than the one that was assigned is nakked just the same.
Judgement judge_address(Context& c, Link&, std::uint64_t value) {
  return value == c.link.peer_ipv4 ? ack() : nak(c.link.peer_ipv4);
}

// RFC 1877 1.1, 1.3
Judgement judge_dns(std::uint32_t ours, std::uint64_t value) {
  if (ours == 0) return reject();
  return value == ours ? ack() : nak(ours);
}
Judgement judge_dns1(Context& c, Link&, std::uint64_t value) { return judge_dns(c.link.dns1, value); }
Judgement judge_dns2(Context& c, Link&, std::uint64_t value) { return judge_dns(c.link.dns2, value); }

// Rejected: IP-Addresses, which RFC 1332 3.1 deprecates, header compression (3.2), and NetBIOS name servers (RFC 1877).
constexpr OptionRule kRules[] = {
    {type_of(IpcpOption::ip_address), 6, Missing::is_asked_for, judge_address},
    {type_of(IpcpOption::primary_dns), 6, Missing::is_fine, judge_dns1},
    {type_of(IpcpOption::secondary_dns), 6, Missing::is_fine, judge_dns2},
};

void forget_peer(Link&) {}
void choose_ours(Context&) {}

void write_ours(const Link& link, Writer& w) {
  if (link.our_ipv4 == 0 || (link.ipcp.left_out & kAddressLeftOut) != 0) return;
  w.u8(type_of(IpcpOption::ip_address));
  w.u8(6);
  w.u32(link.our_ipv4);
}

// Our address is not the peer's to choose. A peer that never agrees gets no address from us, and need not.
void nakked(Context& c, const Option& option, bool enough) {
  if (option.type == type_of(IpcpOption::ip_address) && enough) c.link.ipcp.left_out |= kAddressLeftOut;
}
void rejected(Context& c, const Option&) { c.link.ipcp.left_out |= kAddressLeftOut; }

}  // namespace

constinit const ControlProtocol kIpcp{
    .protocol = Protocol::ipcp,
    .automaton = &Link::ipcp,
    .rules = kRules,
    .forget_peer = forget_peer,
    .choose_ours = choose_ours,
    .write_ours = write_ours,
    .nakked = nakked,
    .rejected = rejected,
    .up = ipcp_up,
    .down = ipcp_down,
    .finished = ncp_finished,
};

}  // namespace holdfast::ppp
