#include "ppp/ipv6cp.hpp"

#include "ppp/phase.hpp"

namespace holdfast::ppp {
namespace {

constexpr std::uint8_t kIdentifierLeftOut = 1 << 0;           // Automaton::left_out
constexpr std::uint64_t kUniversal = std::uint64_t{1} << 57;  // RFC 5072 4.1: the "u" bit, zero in what is made up

constexpr std::uint8_t type_of(Ipv6cpOption option) { return static_cast<std::uint8_t>(option); }

// What we suggest to the peer: what it was assigned, and never our own.
std::uint64_t suggestion(const Link& link) {
  return link.peer_interface_id != link.our_interface_id ? link.peer_interface_id : link.peer_interface_id ^ 1;
}

// RFC 5072 4.1: an identifier that is neither zero nor ours MUST be acknowledged.
Judgement judge_identifier(Context& c, Link& proposed, std::uint64_t value) {
  if (value == 0 || value == c.link.our_interface_id) return nak(suggestion(c.link));
  proposed.peer_interface_id = value;
  return ack();
}

constexpr OptionRule kRules[] = {
    {type_of(Ipv6cpOption::interface_identifier), 10, Missing::is_asked_for, judge_identifier},
};

void forget_peer(Link&) {}
void choose_ours(Context&) {}

void write_ours(const Link& link, Writer& w) {
  if ((link.ipv6cp.left_out & kIdentifierLeftOut) != 0) return;
  w.u8(type_of(Ipv6cpOption::interface_identifier));
  w.u8(10);
  w.u64(link.our_interface_id);
}

// RFC 5072 4.1: what the peer suggests is taken, if it is of use; a peer that suggests what is its own has us choose
// again.
void nakked(Context& c, const Option& option, bool enough) {
  if (option.type != type_of(Ipv6cpOption::interface_identifier)) return;
  if (enough) c.link.ipv6cp.left_out |= kIdentifierLeftOut;
  const std::uint64_t suggested = integer_of(option.value);
  if (option.value.size() == sizeof(suggested) && suggested != 0 && suggested != suggestion(c.link)) {
    c.link.our_interface_id = suggested;
    return;
  }
  const std::uint64_t random = std::uint64_t{c.env.entropy.u32()} << 32 | c.env.entropy.u32() | 1;
  c.link.our_interface_id = random & ~kUniversal;
}

void rejected(Context& c, const Option&) { c.link.ipv6cp.left_out |= kIdentifierLeftOut; }

}  // namespace

constinit const ControlProtocol kIpv6cp{
    .protocol = Protocol::ipv6cp,
    .automaton = &Link::ipv6cp,
    .rules = kRules,
    .forget_peer = forget_peer,
    .choose_ours = choose_ours,
    .write_ours = write_ours,
    .nakked = nakked,
    .rejected = rejected,
    .up = ipv6cp_up,
    .down = ipv6cp_down,
    .finished = ncp_finished,
};

}  // namespace holdfast::ppp
