#include "host.hpp"

#include "checkpoint/record_tables.hpp"
#include "engine/restart.hpp"
#include "torn_commit.hpp"
#include "wire/reader.hpp"
#include "wire/writer.hpp"

#include <algorithm>
#include <cstdint>

namespace holdfast::sim {
namespace {

using engine::TimerKey;

checkpoint::Layout layout() {
  static constexpr auto kTables = record_tables({Host::kTunnels, Host::kSessions, Host::kCalls});
  return {.tables = kTables, .hash = kRecordsLayout, .major = 1, .minor = 0};
}

constexpr std::uint16_t kDataFlags = 0x0002;  // RFC 2661 3.1: version 2, no optional field

}  // namespace

Host::Host(const IpAddress& address, config::Config config, std::uint64_t seed, bool subscribers_answer)
    : address_(address),
      config_(std::move(config)),
      entropy_(seed),
      subscribers_answer_(subscribers_answer),
      store_(checkpoint::Store::in_memory(layout())),
      records_(store_) {}

// As holdfastd does it: indexes and deadlines from the records, every row put again, then each tunnel and session is
// told that it was restored.
void Host::start(TimePoint now) {
  engine_ = std::make_unique<engine::Engine>(config_, records_, engine::Capacity{kTunnels, 0, kCalls});
  executor_ = std::make_unique<engine::Executor>(store_, *this, *this, *this, *this);
  engine_->rebuild(entropy_.u32());
  engine_->deadlines(this, [](void* self, const engine::Timer& t) { static_cast<Host*>(self)->arm(t); });
  tunnel_rows_.clear();
  session_rows_.clear();
  engine_->rows(this, [](void* self, const abi::TableOp& op) { static_cast<Host*>(self)->put_row(op); });
  engine::Restart restart(*engine_, records_);
  restart.begin();
  restart.tell(SIZE_MAX, [&](const engine::Restored& event) { handle(now, event); });
}

void Host::kill() {
  executor_.reset();
  engine_.reset();
  due_.clear();
  crash_.reset();
}

void Host::handle(TimePoint now, const engine::Event& event) {
  if (!up()) return;
  const bool dies = crash_ && crash_->after_events == 0;
  if (crash_ && !dies) --crash_->after_events;
  committed_ = !dies || !crash_->before_commit;
  died_idle_ = false;
  if (!committed_) return kill();
  const engine::Step& step = engine_->step(event, Env{now, entropy_});
  if (dies && crash_->stores) return die_in_commit(step);
  if (dies) sends_left_ = crash_->sends;
  executor_->apply(step);
  died_idle_ = sends_left_ && *sends_left_ > 0;
  sends_left_.reset();
  if (dies) kill();
}

void Host::die_in_commit(const engine::Step& step) {
  std::vector<checkpoint::Change> changes;
  for (const auto& c : step.changes) changes.push_back({static_cast<std::uint16_t>(c.table), c.index, c.bytes});
  const TornCommit torn = tear(store_, changes, *crash_->stores, *crash_->stores);
  if (!torn.wrong.empty()) torn_wrong_ = torn.wrong;
  committed_ = torn.happened;
  died_idle_ = torn.finished;
  if (committed_)
    for (const auto& send : step.sends) put_out(send, true);
  kill();
}

void Host::datagram(TimePoint now, const Datagram& d) {
  if (is_data(d)) return data(now, d);
  handle(now, engine::ControlDatagram{d.from.address, d.to.address, d.from.port, d.to.port, d.payload});
}

// The dataplane's part: to the engine where it is the LNS, to the subscriber's line where it is the LAC.
void Host::data(TimePoint now, const Datagram& d) {
  Reader in(d.payload);
  in.skip(2);
  const TunnelId tunnel(in.u16());
  const SessionId session(in.u16());
  const SessionKey key{tunnel.value(), session.value()};
  const SessionRecord* record = records_.session(session_index(tunnel, session, 0));
  if (!in.ok() || record == nullptr || record->l2tp.tunnel != tunnel) return;
  if (record->l2tp.role == l2tp::Role::lns) {
    if (session_rows_.contains(key)) handle(now, engine::PppFrame{tunnel, session, in.rest()});
    return;
  }
  if (!subscribers_answer_ || record->l2tp.state != l2tp::SessionState::established) return;
  for (const auto& frame : subscribers_[key].receive(in.rest())) send_data(tunnel, record->l2tp.peer, frame);
}

TimePoint Host::next_due() const {
  TimePoint next = kNever;
  for (const auto& [key, due] : due_) next = std::min(next, due);
  return next;
}

void Host::expire(TimePoint now) {
  const auto first = std::ranges::min_element(due_, {}, [](const auto& entry) { return entry.second; });
  if (first == due_.end() || first->second > now) return;
  const TimerKey key{static_cast<TimerKey::Kind>(first->first.first), first->first.second};
  due_.erase(first);
  handle(now, engine::TimerExpired{key});
}

std::vector<TunnelId> Host::tunnels(l2tp::TunnelState state) const {
  std::vector<TunnelId> all;
  records_.for_each(Table::tunnel, &all, [](void* p, std::uint32_t i) {
    static_cast<std::vector<TunnelId>*>(p)->push_back(TunnelId(static_cast<std::uint16_t>(i)));
  });
  std::erase_if(all, [&](TunnelId id) { return records_.tunnel(id)->l2tp.state != state; });
  return all;
}

std::vector<l2tp::Session> Host::sessions() const {
  struct Each {
    const Records& records;
    std::vector<l2tp::Session> found;
  } each{records_, {}};
  records_.for_each(Table::session, &each, [](void* p, std::uint32_t i) {
    auto& e = *static_cast<Each*>(p);
    e.found.push_back(e.records.session(SessionIndex{i})->l2tp);
  });
  return each.found;
}

std::size_t Host::wrong_rows() const {
  struct Each {
    const Host& host;
    std::size_t wanted = 0;
    std::size_t missing = 0;
  } each{*this};
  engine_->rows(&each, [](void* p, const abi::TableOp& op) {
    auto& e = *static_cast<Each*>(p);
    if (op.kind != abi::TableOpKind::put_session) return;
    ++e.wanted;
    if (!e.host.session_rows_.contains({op.session.tunnel.value(), op.session.session.value()})) ++e.missing;
  });
  return each.missing + (session_rows_.size() - (each.wanted - each.missing));
}

void Host::apply(std::span<const abi::TableOp> ops, const checkpoint::Committed&) {
  for (const abi::TableOp& op : ops) put_row(op);
}

void Host::put_row(const abi::TableOp& op) {
  const SessionKey key{op.session.tunnel.value(), op.session.session.value()};
  switch (op.kind) {
    case abi::TableOpKind::put_tunnel: tunnel_rows_[op.tunnel.tunnel.value()] = op.tunnel; break;
    case abi::TableOpKind::remove_tunnel: tunnel_rows_.erase(op.tunnel.tunnel.value()); break;
    case abi::TableOpKind::put_session: session_rows_[key] = op.session; break;
    case abi::TableOpKind::remove_session: session_rows_.erase(key); break;
    default: break;
  }
}

void Host::send(const engine::Send& send, const checkpoint::Committed&) {
  const bool cut = sends_left_ && *sends_left_ == 0;
  if (sends_left_ && !cut) --*sends_left_;
  put_out(send, cut);
}

void Host::put_out(const engine::Send& send, bool cut) {
  if (send.header.kind == static_cast<std::uint16_t>(abi::InjectKind::ppp)) {
    const auto row = session_rows_.find({send.header.tunnel.value(), send.header.session.value()});
    if (!cut && row != session_rows_.end()) send_data(send.header.tunnel, row->second.peer_session, send.payload);
    return;
  }
  outgoing_.push_back({{{send.header.source, send.header.source_port},
                        {send.header.destination, send.header.destination_port},
                        {send.payload.begin(), send.payload.end()}},
                       cut});
}

void Host::send_data(TunnelId tunnel, PeerSessionId session, Octets frame) {
  const auto outer = tunnel_rows_.find(tunnel.value());
  if (outer == tunnel_rows_.end()) return;
  const abi::TunnelRow& row = outer->second;
  std::vector<std::uint8_t> payload(6 + frame.size());
  Writer out(payload);
  out.u16(kDataFlags);
  out.u16(row.peer_tunnel.value());
  out.u16(session.value());
  out.octets(frame);
  outgoing_.push_back({{{row.local, row.local_port}, {row.peer, row.peer_port}, std::move(payload)}, false});
}

void Host::arm(const engine::Timer& timer) {
  const TimerIndex index{static_cast<std::uint8_t>(timer.key.kind), timer.key.index};
  if (timer.due == kNever)
    due_.erase(index);
  else
    due_[index] = timer.due;
}

void Host::report(const engine::Notice& notice) {
  if (notice.kind == engine::NoticeKind::circuit_wanted && !sends_left_)
    wanted_.push_back({notice.tunnel, notice.session});
}

}  // namespace holdfast::sim
