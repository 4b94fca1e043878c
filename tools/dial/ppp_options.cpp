#include "dial/ppp_options.hpp"

#include <algorithm>

namespace holdfast::dial::ppp {
namespace {

enum LcpOption : std::uint8_t {  // RFC 1661 6, RFC 1662 7.1
  kMru = 1,
  kAccm = 2,
  kAuthentication = 3,
  kMagicNumber = 5,
  kProtocolCompression = 7,
  kAddressCompression = 8,
};
constexpr std::uint8_t kIpAddress = 3;            // RFC 1332 3.3
constexpr std::uint8_t kInterfaceIdentifier = 1;  // RFC 5072 4.1
constexpr std::uint8_t kMd5 = 5;                  // RFC 1994 3
constexpr std::uint16_t kLeastMru = 64;

void write_request(const Client& client, std::uint16_t protocol, PacketWriter& out) {
  switch (protocol) {
    case kLcp:
      if (client.no_mru == 0) out.option16(kMru, client.mru);
      if (client.no_magic == 0) out.option32(kMagicNumber, client.magic);
      break;
    case kIpcp: out.option32(kIpAddress, client.address); break;
    case kIpv6cp: out.option64(kInterfaceIdentifier, client.interface_id); break;
    default: break;
  }
}

struct Verdict {
  enum Kind : std::uint8_t { ack, nak, reject } kind = reject;
  std::uint64_t hint = 0;      // nak: the value we would take
  std::uint8_t hint_size = 0;  // in octets
};

Auth authentication_in(Octets value) {
  Reader in(value);
  const auto protocol = in.u16();
  if (protocol == kPap && in.left() == 0) return Auth::pap;
  return protocol == kChap && in.u8() == kMd5 && in.ok() ? Auth::chap : Auth::none;
}

Verdict judge_authentication(const PppSettings& settings, Octets value) {
  const Auth asked = authentication_in(value);
  if (asked != Auth::none && asked == settings.auth.value_or(asked)) return {Verdict::ack};
  if (settings.auth == Auth::pap) return {Verdict::nak, kPap, 2};
  return {Verdict::nak, std::uint64_t{kChap} << 8 | kMd5, 3};
}

Verdict judge_lcp(const Client& client, const Option& option, const Context& context) {
  Reader in(option.value);
  switch (option.type) {
    case kMru: return in.left() == 2 && in.u16() >= kLeastMru ? Verdict{Verdict::ack} : Verdict{Verdict::nak, 1500, 2};
    case kAccm: return in.left() == 4 ? Verdict{Verdict::ack} : Verdict{};
    case kAuthentication: return judge_authentication(context.settings, option.value);
    case kMagicNumber: {
      const auto magic = in.u32();
      if (in.ok() && magic != 0 && magic != client.magic) return {Verdict::ack};
      return {Verdict::nak, context.entropy.u32() | 1u, 4};
    }
    case kProtocolCompression:
    case kAddressCompression: return in.left() == 0 ? Verdict{Verdict::ack} : Verdict{};
    default: return {};
  }
}

Verdict judge_network(const Client& client, std::uint16_t protocol, const Option& option, const Context& context) {
  Reader in(option.value);
  if (protocol == kIpcp && option.type == kIpAddress)
    return in.left() == 4 && in.u32() != 0 ? Verdict{Verdict::ack} : Verdict{};
  if (protocol == kIpv6cp && option.type == kInterfaceIdentifier && in.left() == 8) {
    const auto id = in.u64();
    if (id != 0 && id != client.interface_id) return {Verdict::ack};
    return {Verdict::nak, context.entropy.u32() | 1u, 8};
  }
  return {};
}

void take_over(Client& client, std::uint16_t protocol, const Option& option) {
  Reader in(option.value);
  if (protocol == kLcp && option.type == kMru) client.peer_mru = in.u16();
  if (protocol == kLcp && option.type == kAuthentication) client.auth = authentication_in(option.value);
  if (protocol == kIpcp && option.type == kIpAddress) client.peer_address = in.u32();
  if (protocol == kIpv6cp && option.type == kInterfaceIdentifier) client.peer_interface_id = in.u64();
}

void write_hint(PacketWriter& out, std::uint8_t type, const Verdict& verdict) {
  std::array<std::uint8_t, 8> octets{};
  Writer to(octets);
  to.u64(verdict.hint);
  out.option(type, Octets(octets).last(verdict.hint_size));
}

}  // namespace

Negotiation& negotiation(Client& client, std::uint16_t protocol) {
  return protocol == kLcp ? client.lcp : protocol == kIpcp ? client.ipcp : client.ipv6cp;
}

void send_request(Client& client, std::uint16_t protocol, const Context& context) {
  Negotiation& n = negotiation(client, protocol);
  n.id = client.next_id++;
  n.ours_acked = 0;
  PacketWriter out(kConfigureRequest, n.id);
  write_request(client, protocol, out);
  context.link.send(protocol, out.finish());
}

bool answer_request(Client& client, std::uint16_t protocol, const Packet& request, const Context& context) {
  PacketWriter nak(kConfigureNak, request.id), reject(kConfigureReject, request.id);
  auto worst = Verdict::ack;
  Reader in(request.data);
  while (in.left() > 0) {
    const Option option = take_option(in);
    if (!in.ok()) return false;  // malformed: dropped
    const auto verdict =
        protocol == kLcp ? judge_lcp(client, option, context) : judge_network(client, protocol, option, context);
    worst = std::max(worst, verdict.kind);
    if (verdict.kind == Verdict::nak) write_hint(nak, option.type, verdict);
    if (verdict.kind == Verdict::reject) reject.data().octets(option.whole);
  }
  // RFC 1661 5.4: what is unknown is rejected first, on its own.
  if (worst != Verdict::ack) {
    context.link.send(protocol, worst == Verdict::reject ? reject.finish() : nak.finish());
    return false;
  }
  if (protocol == kLcp) client.auth = Auth::none;
  for (Reader again(request.data); again.left() > 0;) take_over(client, protocol, take_option(again));
  PacketWriter ack(kConfigureAck, request.id);
  ack.data().octets(request.data);
  context.link.send(protocol, ack.finish());
  return true;
}

bool acks_what_we_sent(const Client& client, std::uint16_t protocol, Octets options) {
  PacketWriter sent(kConfigureAck, 0);
  write_request(client, protocol, sent);
  return std::ranges::equal(sent.finish().subspan(4), options);
}

bool adopt(Client& client, std::uint16_t protocol, const Packet& answer, const Context& context) {
  const bool rejected = answer.code == kConfigureReject;
  Reader in(answer.data);
  while (in.left() > 0) {
    const Option option = take_option(in);
    if (!in.ok()) return true;
    Reader value(option.value);
    if (protocol == kLcp && option.type == kMru) {
      client.no_mru = rejected ? 1 : 0;
      if (!rejected && value.left() == 2) client.mru = std::max(value.u16(), kLeastMru);
    } else if (protocol == kLcp && option.type == kMagicNumber) {
      client.no_magic = rejected ? 1 : 0;
      if (rejected) client.magic = 0;  // RFC 1661 5.8: zero where it was not negotiated
      if (!rejected) client.magic = context.entropy.u32() | 1u;
    } else if (protocol == kIpcp && option.type == kIpAddress) {
      if (rejected) return false;
      client.address = value.u32();
    } else if (protocol == kIpv6cp && option.type == kInterfaceIdentifier) {
      if (rejected) return false;
      if (value.left() == 8) client.interface_id = value.u64();
    }
  }
  return true;
}

}  // namespace holdfast::dial::ppp
