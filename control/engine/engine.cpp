#include "engine/engine.hpp"

#include "engine/rows.hpp"
#include "ppp/ppp.hpp"

#include <algorithm>

namespace holdfast::engine {
namespace {

// The address of the LNS towards its subscribers: of loopback 0, else of the first interface that has one.
IpAddress address_towards_subscribers(const config::Config& config) {
  IpAddress first;
  for (const auto& interface : config.interfaces) {
    if (!interface.ip) continue;
    if (interface.name == config::kLoopback) return interface.ip->address;
    if (first.is_none()) first = interface.ip->address;
  }
  return first;
}

// A call of ours as the LAC that was placed for no line has nowhere to send its frames; nor has half a switched one.
bool leads_nowhere(const SessionRecord& session) {
  if (session.other.raw != 0) return session.other == kOtherEnded;
  return session.l2tp.role == l2tp::Role::lac && !session.circuit;
}

}  // namespace

Engine::Engine(const config::Config& config, const Records& records, Capacity capacity)
    : config_(config),
      records_(records),
      capacity_(capacity),
      indexes_(config, capacity),
      our_ipv4_(address_towards_subscribers(config)) {
  for (const auto& user : config.aaa.users) users_.push_back({user.name, user.password, user.ip});
}

void Engine::rebuild(std::uint32_t first_tunnel, std::vector<SessionIndex> lost_sessions) {
  lost_sessions_ = std::move(lost_sessions);
  turns_.assign(std::size_t{1} << 16, Turn::none);
  indexes_.assign_from(first_tunnel);
  records_.for_each(Table::tunnel, this, [](void* self, std::uint32_t i) {
    auto& engine = *static_cast<Engine*>(self);
    const auto& tunnel = *engine.records_.tunnel(TunnelId(static_cast<std::uint16_t>(i)));
    engine.indexes_.add(tunnel);
    engine.turns_[i] = Turn::awaited;
    engine.indexes_.assign_behind(tunnel.l2tp.id, SessionId(tunnel.last_session));
    if (tunnel.l2tp.was_established == 0 && tunnel.l2tp.initiated == 0) ++engine.unestablished_;
    if (tunnel.resync.phase == ResyncPhase::recovering) ++engine.recovering_;
    const SpecRecord* opened = engine.records_.spec(tunnel.l2tp.id);
    if (opened == nullptr) return;
    engine.indexes_.add_spec(opened->spec, tunnel.l2tp.id);
    if (tunnel.l2tp.state == l2tp::TunnelState::wait_ctl_reply)
      engine.indexes_.add_opening(opened->spec.peer, tunnel.l2tp.id);
  });
  std::vector<bool> calls(capacity_.calls);
  std::vector<std::uint32_t> sessions(std::size_t{1} << 16);
  struct Each {
    Engine& engine;
    std::vector<bool>& calls;
    std::vector<std::uint32_t>& sessions;
  } each{*this, calls, sessions};
  records_.for_each(Table::session, &each, [](void* p, std::uint32_t i) {
    const auto& e = *static_cast<Each*>(p);
    const SessionRecord& session = *e.engine.records_.session(SessionIndex{i});
    if (session.call < e.calls.size()) e.calls[session.call] = true;
    ++e.sessions[session.l2tp.tunnel.raw];
    e.engine.rebuild_session(SessionIndex{i}, session.l2tp);
  });
  records_.for_each(Table::tunnel, &each, [](void* p, std::uint32_t i) {
    const auto& e = *static_cast<Each*>(p);
    const TunnelId id(static_cast<std::uint16_t>(i));
    if (e.engine.records_.tunnel(id)->sessions != e.sessions[i]) e.engine.miscounted_[id] = e.sessions[i];
  });
  orphaned_.clear();
  for (std::uint32_t i = 1; i < kAccessTunnels; ++i)
    if (const TunnelId id(static_cast<std::uint16_t>(i)); sessions[i] != 0 && records_.tunnel(id) == nullptr)
      orphaned_.push_back(id);
  indexes_.rebuild_calls(calls);
  records_.for_each(Table::circuit, this, [](void* self, std::uint32_t i) {
    auto& engine = *static_cast<Engine*>(self);
    engine.indexes_.add_circuit(*engine.records_.circuit(CircuitId(i)));
  });
  records_.for_each(Table::lockout, this, [](void* self, std::uint32_t i) {
    auto& engine = *static_cast<Engine*>(self);
    engine.selection_.restore(i, *engine.records_.get<LockoutRecord>(Table::lockout, i));
  });
  records_.for_each(Table::subscriber, this, [](void* self, std::uint32_t i) {
    auto& engine = *static_cast<Engine*>(self);
    engine.indexes_.reserve(*engine.records_.subscriber(SessionIndex{i}));
  });
}

void Engine::rebuild_session(SessionIndex index, const l2tp::Session& session) {
  indexes_.add_session(index);
  if (session.state == l2tp::SessionState::wait_tunnel) indexes_.wait(session.tunnel, session.id);
  const bool done = session.state == l2tp::SessionState::established && session.role == l2tp::Role::lns;
  if (!l2tp::placed(session) && !done) indexes_.add_early(session.tunnel, session.peer, session.id);
}

const Step& Engine::step(const Event& event, const Env& env) {
  step_.clear();
  Transaction tx(records_, step_, capacity_.bank_bits);
  Context context{tx, env};
  std::visit([&](const auto& e) { on(context, e); }, event);
  count_set_ups(tx);
  arm_edited(tx);
  return step_;
}

void Engine::on(Context& c, const TimerExpired& event) {
  if (event.key.kind == TimerKey::Kind::tunnel) {
    expire_tunnel(c, TunnelId(static_cast<std::uint16_t>(event.key.index)));
  } else if (event.key.kind == TimerKey::Kind::offers) {
    expire_offers(c);
  } else {
    expire_session(c, SessionIndex{event.key.index});
  }
}

void Engine::on(Context& c, const Restored& event) {
  if (event.key.kind == TimerKey::Kind::tunnel) {
    const TunnelId id(static_cast<std::uint16_t>(event.key.index));
    if (std::exchange(turns_[id.raw], Turn::none) != Turn::taken) restore_tunnel(c, id);
  } else if (event.key.kind == TimerKey::Kind::circuit) {
    restore_circuit(c, CircuitId(event.key.index));
  } else {
    restore_session(c, SessionIndex{event.key.index});
  }
}

void Engine::on(Context& c, const ClearTunnel& event) {
  if (c.tx.tunnel(event.tunnel) == nullptr) return;
  TunnelRecord& tunnel = c.tx.edit(event.tunnel);
  close_tunnel(c, tunnel, l2tp::Ending::of(l2tp::StopResult::general, "cleared by the operator"));
  flush(c, tunnel);
}

void Engine::on(Context& c, const TestFailover& event) {
  const TunnelRecord* known = c.tx.tunnel(event.tunnel);
  const bool able = known != nullptr && known->l2tp.state == l2tp::TunnelState::established &&
                    known->resync.phase == ResyncPhase::none;
  if (able) restore_tunnel(c, event.tunnel);
}

void Engine::on(Context& c, const ClearSession& event) {
  const SessionIndex index = c.tx.index(event.tunnel, event.session);
  TunnelRecord* tunnel = living_tunnel(c, index, event.tunnel);
  if (tunnel == nullptr) return;
  disconnect(c, *tunnel, index, l2tp::Ending::of(l2tp::CallResult::administrative, "cleared by the operator"),
             {.circuit = {}, .ppp = l2tp::PppCause::of(l2tp::PppCauseCode::administrative)});
  flush(c, *tunnel);
}

void Engine::on(Context& c, const ClearCircuit& event) {
  hang_up(c, event.circuit, l2tp::Ending::of(l2tp::CallResult::administrative, "cleared by the operator"), false);
}

void Engine::on(Context& c, const CircuitHungUp& event) { hung_up(c, event.circuit); }

// Tunnels whose peers have not got through the set-up, be it under way or refused, however they came to be or ceased to
// be.
void Engine::count_set_ups(const Transaction& tx) {
  const auto setting_up = [](const TunnelRecord* tunnel) {
    return tunnel != nullptr && tunnel->l2tp.was_established == 0 && tunnel->l2tp.initiated == 0;
  };
  for (const RecordChange& change : step_.changes) {
    if (change.table != Table::tunnel) continue;
    const TunnelId id(static_cast<std::uint16_t>(change.index));
    if (setting_up(records_.tunnel(id))) --unestablished_;
    if (setting_up(tx.tunnel(id))) ++unestablished_;
  }
}

// A record that an event edited has its deadline armed anew; that of a freed one goes.
void Engine::arm_edited(const Transaction& tx) {
  for (const RecordChange& change : step_.changes) {
    if (change.table == Table::tunnel) {
      const auto* tunnel = tx.tunnel(TunnelId(static_cast<std::uint16_t>(change.index)));
      must(step_.timers.push(tunnel != nullptr ? tunnel_timer(*tunnel)
                                               : Timer{{TimerKey::Kind::tunnel, change.index}, kNever}));
    } else if (change.table == Table::session || change.table == Table::subscriber) {
      const SessionIndex index{change.index};
      const bool other_edited = change.table == Table::subscriber && tx.edited(Table::session, change.index);
      if (!other_edited) must(step_.timers.push(session_timer(index, tx.session(index), tx.subscriber(index))));
    }
  }
}

Timer Engine::tunnel_timer(const TunnelRecord& tunnel) const {
  const bool sweeping = tunnel.l2tp.state == l2tp::TunnelState::stopping && tunnel.sessions != 0;
  const Resync& resync = tunnel.resync;
  const bool clearing = resync.phase == ResyncPhase::clearing;
  const bool comparing =
      resync.phase == ResyncPhase::comparing && resync.next < 65535 && room(tunnel) > kRoomForAnswers;
  const auto channel = channel_policy(tunnel);
  if (tunnel.numbers == l2tp::Numbers::asked && !sweeping)
    return {{TimerKey::Kind::tunnel, tunnel.l2tp.id.raw},
            std::min(tunnel.l2tp.deadline, tunnel.l2tp.channel.retransmit_at)};
  TimePoint due = std::min(tunnel.l2tp.deadline, l2tp::next_due(tunnel.l2tp.channel, channel));
  if (is_frozen(tunnel))
    due = resync.deadline;
  else if (sweeping || clearing || comparing)
    due = TimePoint{};
  else
    due = std::min(due, resync.deadline);
  return {{TimerKey::Kind::tunnel, tunnel.l2tp.id.raw}, due};
}

Timer Engine::session_timer(SessionIndex index, const SessionRecord* session,
                            const SubscriberRecord* subscriber) const {
  TimePoint due = kNever;
  if (session != nullptr) due = session->l2tp.deadline;
  if (session != nullptr && subscriber != nullptr)
    due = std::min({due, ppp::next_due(subscriber->link), subscriber->advertisement_due});
  return {{TimerKey::Kind::session, index.raw}, due};
}

Notice Engine::notice(NoticeKind kind, const TunnelRecord& tunnel) const {
  Notice n{};
  n.kind = kind;
  n.tunnel = tunnel.l2tp.id;
  n.peer = tunnel.l2tp.remote;
  n.name = tunnel.l2tp.peer_host;
  n.ending = tunnel.l2tp.ending;
  n.by_peer = tunnel.l2tp.ended_by_peer != 0;
  n.module = tunnel.module;
  n.method = tunnel.method;
  n.lowered = tunnel.lowered != 0;
  return n;
}

void Engine::deadlines(void* context, void (*arm)(void* context, const Timer& timer)) const {
  struct Each {
    const Engine& engine;
    void* context;
    void (*arm)(void*, const Timer&);
  } each{*this, context, arm};
  records_.for_each(Table::tunnel, &each, [](void* p, std::uint32_t i) {
    const auto& e = *static_cast<Each*>(p);
    e.arm(e.context, e.engine.tunnel_timer(*e.engine.records_.tunnel(TunnelId(static_cast<std::uint16_t>(i)))));
  });
  records_.for_each(Table::session, &each, [](void* p, std::uint32_t i) {
    const auto& e = *static_cast<Each*>(p);
    const SessionIndex index{i};
    e.arm(e.context,
          e.engine.session_timer(index, e.engine.records_.session(index), e.engine.records_.subscriber(index)));
  });
}

abi::TableOp Engine::session_row(const Context& c, const TunnelRecord& tunnel, SessionIndex index) const {
  const SessionRecord& session = *c.tx.session(index);
  const auto settings = row_settings(tunnel, session.circuit ? c.tx.circuit(session.circuit) : nullptr);
  return put_session(session, c.tx.subscriber(index), tunnel.l2tp.peer, settings);
}

void Engine::rows(void* context, void (*put)(void* context, const abi::TableOp& op)) const {
  struct Each {
    const Engine& engine;
    void* context;
    void (*put)(void*, const abi::TableOp&);
  } each{*this, context, put};
  records_.for_each(Table::tunnel, &each, [](void* p, std::uint32_t i) {
    const auto& e = *static_cast<Each*>(p);
    e.engine.rows_of({TimerKey::Kind::tunnel, i}, e.context, e.put);
  });
  records_.for_each(Table::session, &each, [](void* p, std::uint32_t i) {
    const auto& e = *static_cast<Each*>(p);
    e.engine.rows_of({TimerKey::Kind::session, i}, e.context, e.put);
  });
  records_.for_each(Table::circuit, &each, [](void* p, std::uint32_t i) {
    const auto& e = *static_cast<Each*>(p);
    e.engine.rows_of({TimerKey::Kind::circuit, i}, e.context, e.put);
  });
}

void Engine::rows_of(const TimerKey& key, void* context, void (*put)(void* context, const abi::TableOp& op)) const {
  const auto established = [](const TunnelRecord* t) {
    return t != nullptr && t->l2tp.state == l2tp::TunnelState::established;
  };
  if (key.kind == TimerKey::Kind::tunnel) {
    const auto* tunnel = records_.tunnel(TunnelId(static_cast<std::uint16_t>(key.index)));
    const bool data = established(tunnel) && tunnel->resync.phase != ResyncPhase::recovery;
    if (data) put(context, put_tunnel(*tunnel, config_.l2tp.checksum));
    return;
  }
  if (key.kind == TimerKey::Kind::circuit) {
    const auto* circuit = records_.circuit(CircuitId(key.index));
    const auto* carried = circuit != nullptr ? records_.session(circuit->ppp) : nullptr;
    if (carried != nullptr && circuit->state != CircuitState::ending)
      put(context, put_circuit(*circuit, carried->l2tp));
    return;
  }
  const SessionIndex index{key.index};
  const auto* session = records_.session(index);
  if (session == nullptr || session->l2tp.state != l2tp::SessionState::established || leads_nowhere(*session)) return;
  TunnelRecord access;
  access.l2tp.id = session->l2tp.tunnel;
  const auto* tunnel = is_access(session->l2tp.tunnel) ? &access : records_.tunnel(session->l2tp.tunnel);
  if (tunnel != &access && !established(tunnel)) return;
  const auto* subscriber = records_.subscriber(index);
  const auto settings = row_settings(*tunnel, records_.circuit(session->circuit));
  const abi::TableOp row = put_session(*session, subscriber, tunnel->l2tp.peer, settings);
  put(context, row);
  if (subscriber == nullptr) return;
  if (subscriber->ipv4_up != 0) put(context, put_subscriber_route(host_route(subscriber->ipv4), row));
  if (subscriber->ipv6_up != 0) put(context, put_subscriber_route(subscriber->ipv6, row));
}

}  // namespace holdfast::engine
