#include "cli/record_fields.hpp"

#include "checkpoint/records.hpp"
#include "config/address_text.hpp"
#include "config/printable.hpp"

namespace holdfast::cli {
namespace {

std::string number(std::uint64_t value) { return std::to_string(value); }

std::string endpoint(const IpAddress& address, std::uint16_t port) {
  const std::string text = config::to_text(address);
  return (address.is_v4() ? text : '[' + text + ']') + ':' + std::to_string(port);
}

std::vector<Field> fields(const TunnelRecord& record) {
  const l2tp::Tunnel& t = record.l2tp;
  return {{"state", std::string(l2tp::name(t.state))},
          {"peer", endpoint(t.remote, t.remote_port)},
          {"peer-tunnel-id", number(t.peer.value())},
          {"peer-host", config::printable(t.peer_host.text())},
          {"local", endpoint(t.local, t.local_port)},
          {"sessions", number(record.sessions)},
          {"ns", number(l2tp::next_ns(t.channel))},
          {"nr", number(l2tp::next_nr(t.channel))},
          {"acknowledged-ns", number(t.channel.acknowledged_ns)},
          {"peer-window", number(t.channel.peer_window)}};
}

std::vector<Field> fields(std::uint32_t index, const MessageRecord& record) {
  return {{"tunnel", number(index / l2tp::kSlots)},
          {"slot", number(index % l2tp::kSlots)},
          {"octets", number(record.length)}};
}

std::vector<Field> fields(const SessionRecord& record) {
  const l2tp::Session& s = record.l2tp;
  return {{"tunnel", number(s.tunnel.value())},
          {"id", number(s.id.value())},
          {"peer-session-id", number(s.peer.value())},
          {"state", std::string(l2tp::name(s.state))},
          {"call-serial-number", number(s.call_serial)},
          {"calling-number", config::printable(s.calling.text())},
          {"called-number", config::printable(s.called.text())}};
}

std::vector<Field> fields(const SubscriberRecord& record) {
  const ppp::Link& link = record.link;
  return {{"user", config::printable(link.user.text())},
          {"phase", std::string(ppp::name(link.phase))},
          {"lcp", std::string(ppp::name(link.lcp.state))},
          {"ipcp", std::string(ppp::name(link.ipcp.state))},
          {"ipv6cp", std::string(ppp::name(link.ipv6cp.state))},
          {"ipv4", record.ipv4.is_none() ? "" : config::to_text(record.ipv4)},
          {"ipv6-prefix", record.ipv6.length == 0 ? "" : config::to_text(record.ipv6)}};
}

std::vector<Field> fields(const CircuitRecord& record) {
  return {{"session", number(pppoe_session(record.id))},
          {"mac", config::mac_text(record.mac)},
          {"port", number(record.port.value())},
          {"outer-vlan", number(record.outer_vlan)},
          {"inner-vlan", number(record.inner_vlan)},
          {"state", number(static_cast<std::uint64_t>(record.state))},
          {"ppp", number(record.ppp.raw)}};
}

template <class Record>
const Record* as(Octets record) {
  return record.size() == sizeof(Record) ? reinterpret_cast<const Record*>(record.data()) : nullptr;
}

}  // namespace

std::vector<Field> fields_of(std::string_view table, std::uint32_t index, Octets record) {
  if (table == "tunnel" && as<TunnelRecord>(record) != nullptr) return fields(*as<TunnelRecord>(record));
  if (table == "message" && as<MessageRecord>(record) != nullptr) return fields(index, *as<MessageRecord>(record));
  if (table == "session" && as<SessionRecord>(record) != nullptr) return fields(*as<SessionRecord>(record));
  if (table == "subscriber" && as<SubscriberRecord>(record) != nullptr) return fields(*as<SubscriberRecord>(record));
  if (table == "circuit" && as<CircuitRecord>(record) != nullptr) return fields(*as<CircuitRecord>(record));
  return {};
}

}  // namespace holdfast::cli
