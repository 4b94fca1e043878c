// show l2tp, show l2tp tunnel, show l2tp session, show l2tp destination profile, show subscribers.
#include "config/address_text.hpp"
#include "config/keyword.hpp"
#include "config/lookup.hpp"
#include "io/show.hpp"
#include "io/traffic.hpp"
#include "resync/line_module.hpp"
#include "resync/method.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>

namespace holdfast::io {
namespace {

using config::to_text;
using engine::Count;

std::uint64_t seconds_since(TimePoint then, TimePoint now) {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(now - then).count());
}

// Where the method does not act as it is called.
std::string resync_note(const TunnelRecord& tunnel) {
  if (tunnel.lowered != 0)
    return "line module " + std::string(abi::spec(tunnel.module).name) + " does not support silent failover";
  if (resync::can_recover(tunnel.l2tp)) return {};
  const std::string why = ": the peer did not announce that it can recover (RFC 4951)";
  if (tunnel.method == ResyncMethod::failover_protocol) return "disconnects" + why;
  if (tunnel.method == ResyncMethod::failover_protocol_fallback_to_silent_failover) return "recovers silently" + why;
  return {};
}

template <class F>
void for_each(const Records& records, Table table, F f) {
  records.for_each(table, &f, [](void* context, std::uint32_t index) { (*static_cast<F*>(context))(index); });
}

cli::Tunnel describe(const View& view, const TunnelRecord& record) {
  const l2tp::Tunnel& t = record.l2tp;
  const auto unacknowledged = l2tp::unacknowledged(t.channel).count;
  cli::Tunnel d;
  d.local_tunnel_id = t.id.value();
  d.peer_tunnel_id = t.peer.value();
  d.peer_address = to_text(t.remote);
  d.peer_port = t.remote_port;
  d.local_address = to_text(t.local);
  d.local_port = t.local_port;
  d.peer_host = t.peer_host.text();
  d.opened_by_us = t.initiated != 0;
  d.state = name(t.state);
  d.sessions = record.sessions;
  d.ns = l2tp::next_ns(t.channel);
  d.nr = l2tp::next_nr(t.channel);
  d.unacknowledged = unacknowledged;
  d.queued = l2tp::kSlots - l2tp::room(t.channel) - unacknowledged;
  d.peer_window = t.channel.peer_window;
  d.resync_configured = name(resync::configured(record.method, record.lowered != 0));
  d.resync_method = name(record.method);
  d.resync_note = resync_note(record);
  d.peer_failover_capability = t.peer_announced != 0;
  d.peer_control_failover = t.peer_control_failover != 0;
  d.peer_data_failover = t.peer_data_failover != 0;
  d.line_module = abi::spec(record.module).name;
  if (t.peer_announced != 0) d.peer_recovery_time_ms = t.peer_recovery_time_ms;
  if (t.state == l2tp::TunnelState::established) d.uptime_s = seconds_since(t.since, view.now);
  return d;
}

void add_sequence(const View& view, SessionIndex index, cli::Session& d) {
  const auto* dataplane = view.port.dataplane();
  if (dataplane == nullptr) return;
  for (std::uint32_t w = 0; w < dataplane->counters().workers; ++w) {
    const auto* c = dataplane->sequence_counters(w, index.raw);
    if (c == nullptr) continue;
    d.rx_lost += c->lost.load(std::memory_order_relaxed);
    d.rx_late += c->late.load(std::memory_order_relaxed);
    d.rx_reordered += c->reordered.load(std::memory_order_relaxed);
  }
}

std::string peer_host(const View& view, TunnelId id) {
  const TunnelRecord* tunnel = view.records.tunnel(id);
  return tunnel != nullptr ? std::string(tunnel->l2tp.peer_host.text()) : std::string();
}

cli::Session describe(const View& view, SessionIndex index, const l2tp::Session& s) {
  const SubscriberRecord* subscriber = view.records.subscriber(index);
  cli::Session d;
  d.local_tunnel_id = s.tunnel.value();
  d.local_session_id = s.id.value();
  d.peer_session_id = s.peer.value();
  d.peer_host = peer_host(view, s.tunnel);
  d.role = name(s.role);
  d.call = name(s.kind);
  d.placed_by_us = l2tp::placed(s);
  if (subscriber != nullptr) d.user = subscriber->link.user.text();
  d.state = name(s.state);
  d.calling_number = s.calling.text();
  d.called_number = s.called.text();
  d.call_serial_number = s.call_serial;
  d.tx_speed_bps = s.tx_speed;
  d.rx_speed_bps = s.rx_speed;
  if (s.state == l2tp::SessionState::established) d.uptime_s = seconds_since(s.since, view.now);
  if (const auto* record = view.records.session(index); record != nullptr && record->other.raw != 0) {
    if (const auto* other = view.records.session(record->other)) {
      d.other_tunnel_id = other->l2tp.tunnel.value();
      d.other_session_id = other->l2tp.id.value();
    }
  }
  add_traffic(view.port, index, d);
  add_sequence(view, index, d);
  return d;
}

cli::HostProfile describe(const View& view, const config::HostProfile& host) {
  cli::HostProfile d;
  d.remote_host = host.remote_host.empty() ? "default" : host.remote_host;
  d.local_host = config::local_host(view.config, host);
  if (host.local_ip) d.local_address = to_text(host.local_ip);
  d.tunnel_authentication = !host.tunnel_password.empty();
  d.failover_resync = config::keyword(host.resync);
  d.failover_resync_in_force = config::keyword(config::resync_method(view.config, host));
  if (host.max_sessions) d.max_sessions = *host.max_sessions;
  for (const auto protocol : config::ppp_authentication(view.config, host))
    d.ppp_authentication.emplace_back(config::keyword(protocol));
  return d;
}

}  // namespace

cli::L2tpSummary show_l2tp(const View& view) {
  const auto& l2tp = view.config.l2tp;
  const auto& counters = view.engine.counters();
  cli::L2tpSummary d;
  d.failover_resync = config::keyword(l2tp.resync);
  d.recovery_time_s = static_cast<std::uint64_t>(l2tp.recovery_time.count());
  d.retries_established = l2tp.retransmission.established;
  d.retries_not_established = l2tp.retransmission.not_established;
  d.retransmission_cap_s = static_cast<std::uint64_t>(l2tp.retransmission.cap.count());
  d.hello_interval_s = static_cast<std::uint64_t>(l2tp.hello_interval.count());
  d.receive_window = l2tp.receive_window;
  d.data_checksums = l2tp.checksum;
  d.destinations.total = d.destinations.active = l2tp.destinations.size();
  for_each(view.records, Table::tunnel, [&](std::uint32_t i) {
    ++d.tunnels.total;
    const auto* tunnel = view.records.tunnel(TunnelId(static_cast<std::uint16_t>(i)));
    if (tunnel->l2tp.state == l2tp::TunnelState::established) ++d.tunnels.active;
  });
  for_each(view.records, Table::session, [&](std::uint32_t i) {
    if (is_access(view.records.session(SessionIndex{i})->l2tp.tunnel)) return;  // show pppoe session has those
    ++d.sessions.total;
    if (view.records.session(SessionIndex{i})->l2tp.state == l2tp::SessionState::established) ++d.sessions.active;
  });
  d.tunnels.failed = counters[Count::tunnels_refused] + counters[Count::tunnel_timeouts];
  d.sessions.failed = counters[Count::sessions_refused] + counters[Count::logins_refused];
  for (std::size_t i = 0; i < engine::kCounts; ++i)
    d.counters.push_back({std::string(engine::kCountNames[i]), counters.counts[i]});
  for (std::size_t i = 0; i < l2tp::kParseErrors; ++i)
    d.counters.push_back({std::string(l2tp::name(static_cast<l2tp::ParseError>(i))), counters.malformed[i]});
  return d;
}

cli::Tunnels show_tunnels(const View& view, std::optional<TunnelId> tunnel) {
  cli::Tunnels d;
  for_each(view.records, Table::tunnel, [&](std::uint32_t i) {
    const TunnelId id(static_cast<std::uint16_t>(i));
    if (!tunnel || *tunnel == id) d.tunnels.push_back(describe(view, *view.records.tunnel(id)));
  });
  return d;
}

cli::Sessions show_sessions(const View& view, std::optional<TunnelId> tunnel, std::optional<SessionId> session) {
  cli::Sessions d;
  for_each(view.records, Table::session, [&](std::uint32_t i) {
    const l2tp::Session& s = view.records.session(SessionIndex{i})->l2tp;
    if (is_access(s.tunnel)) return;
    if ((!tunnel || *tunnel == s.tunnel) && (!session || *session == s.id))
      d.sessions.push_back(describe(view, SessionIndex{i}, s));
  });
  return d;
}

cli::DestinationProfiles show_destination_profiles(const View& view, std::optional<std::string_view> name) {
  cli::DestinationProfiles d;
  for (const auto& profile : view.config.l2tp.destinations) {
    if (name && *name != profile.name) continue;
    cli::DestinationProfile p{profile.name, to_text(profile.address), {}};
    for (const auto& host : profile.hosts) p.hosts.push_back(describe(view, host));
    d.profiles.push_back(std::move(p));
  }
  return d;
}

cli::Subscribers show_subscribers(const View& view, std::optional<std::string_view> user) {
  cli::Subscribers d;
  const auto wall = static_cast<std::int64_t>(std::time(nullptr));
  for_each(view.records, Table::subscriber, [&](std::uint32_t i) {
    const SessionIndex index{i};
    const SubscriberRecord& record = *view.records.subscriber(index);
    const SessionRecord* session = view.records.session(index);
    if (session == nullptr || record.up_since == TimePoint{} || (user && *user != record.link.user.text())) return;
    cli::Subscriber s;
    s.user = record.link.user.text();
    if (record.ipv4_up != 0) s.ipv4 = to_text(record.ipv4);
    if (record.ipv6_up != 0) s.ipv6_prefix = to_text(record.ipv6);
    s.local_tunnel_id = session->l2tp.tunnel.value();
    s.local_session_id = session->l2tp.id.value();
    s.peer_host = peer_host(view, session->l2tp.tunnel);
    s.uptime_s = seconds_since(record.up_since, view.now);
    s.up_since = wall - static_cast<std::int64_t>(s.uptime_s);
    add_traffic(view.port, index, s);
    d.subscribers.push_back(std::move(s));
  });
  return d;
}

cli::Lockouts show_lockouts(const View& view) {
  const auto seconds = [](Duration d) {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(d).count());
  };
  cli::Lockouts d;
  view.engine.selection().for_each_locked_out(view.now, [&](const IpAddress& destination, TimePoint since) {
    const Duration past = view.now - since;
    d.lockouts.push_back({config::to_text(destination), seconds(past), seconds(engine::kLockout - past)});
  });
  std::ranges::sort(d.lockouts, {}, &cli::Lockout::locked_out_s);
  return d;
}

}  // namespace holdfast::io
