#include "checkpoint/migration.hpp"

#include "checkpoint/records.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace holdfast {
namespace {

using Value = std::vector<std::uint8_t>;

struct Step {
  std::uint32_t from;         // kRecordsVersion
  std::uint64_t layout_hash;  // kRecordsLayout of that version
  bool (*convert)(std::string_view table, Value& value);
};

// Version 1 knew an LNS and incoming calls only. Version 2 adds the states of tunnels that we open and of calls that we
// place, the role and kind of a call, and the last session id of a tunnel, which lies where zeros were.
namespace v1 {

struct Session {
  std::uint16_t tunnel;
  std::uint16_t id;
  std::uint16_t peer;
  std::uint8_t state;
  std::uint8_t sequencing;
  std::uint32_t call_serial;
  std::uint32_t tx_speed;
  std::uint32_t rx_speed;
  std::uint32_t framing;
  std::int64_t since;
  std::int64_t deadline;
  std::array<std::uint8_t, 32> calling;
  std::array<std::uint8_t, 32> called;
};
static_assert(sizeof(Session) == 104);

constexpr std::size_t kTunnelOctets = 312;
constexpr std::size_t kTunnelState = 88;
constexpr std::array kTunnelStates{l2tp::TunnelState::idle, l2tp::TunnelState::wait_ctl_conn,
                                   l2tp::TunnelState::established, l2tp::TunnelState::stopping};
constexpr std::array kSessionStates{l2tp::SessionState::idle, l2tp::SessionState::wait_connect,
                                    l2tp::SessionState::established};

static_assert(offsetof(l2tp::Tunnel, state) == kTunnelState);

bool tunnel_to_v2(Value& value) {
  if (value.size() != kTunnelOctets || value[kTunnelState] >= kTunnelStates.size()) return false;
  value[kTunnelState] = static_cast<std::uint8_t>(kTunnelStates[value[kTunnelState]]);
  return true;
}

bool session_to_v2(Value& value) {
  Session old;
  if (value.size() != sizeof old) return false;
  std::memcpy(&old, value.data(), sizeof old);
  if (old.state >= kSessionStates.size()) return false;
  SessionRecord record;
  l2tp::Session& session = record.l2tp;
  session.tunnel = TunnelId(old.tunnel);
  session.id = SessionId(old.id);
  session.peer = PeerSessionId(old.peer);
  session.state = kSessionStates[old.state];
  session.sequencing = old.sequencing;
  session.role = l2tp::Role::lns;
  session.kind = l2tp::CallKind::incoming;
  session.call_serial = old.call_serial;
  session.tx_speed = old.tx_speed;
  session.rx_speed = old.rx_speed;
  session.framing = old.framing;
  session.since = TimePoint(Duration(old.since));
  session.deadline = TimePoint(Duration(old.deadline));
  session.calling = std::bit_cast<InlineOctets<31>>(old.calling);
  session.called = std::bit_cast<InlineOctets<31>>(old.called);
  value.resize(sizeof record);
  std::memcpy(value.data(), &record, sizeof record);
  return true;
}

bool to_v2(std::string_view table, Value& value) {
  if (table == "tunnel") return tunnel_to_v2(value);
  if (table == "session") return session_to_v2(value);
  return true;
}

}  // namespace v1

// Version 3 adds circuits, lockouts and what the node keeps, as new tables. Calls get more to remember behind what they
// had; what other records have more lies where zeros were.
namespace v2 {

constexpr std::size_t kCallOctets = offsetof(CallRecord, overheard);

bool to_v3(std::string_view table, Value& value) {
  if (table != "call") return true;
  if (value.size() != kCallOctets) return false;
  value.resize(sizeof(CallRecord));
  return true;
}

}  // namespace v2

// Version 4 adds where a tunnel is in the failover protocol, behind what it had.
namespace v3 {

bool to_v4(std::string_view table, Value& value) {
  if (table != "tunnel") return true;
  if (value.size() != v1::kTunnelOctets) return false;
  value.resize(sizeof(TunnelRecord));
  const Resync resync{};
  std::memcpy(value.data() + offsetof(TunnelRecord, resync), &resync, sizeof resync);
  return true;
}
static_assert(offsetof(TunnelRecord, resync) == v1::kTunnelOctets);

}  // namespace v3

// In the order of versions, the last of them to today's.
constexpr std::array<Step, 3> kSteps{
    {{1, 0xd66c1c87a157d91a, v1::to_v2}, {2, 0xa03906b9423c3e6e, v2::to_v3}, {3, 0xdb02b1dbbc008906, v3::to_v4}}};
static_assert(kSteps.back().from + 1 == kRecordsVersion, "a new version of the records needs a step from the last");

}  // namespace

std::optional<Migration> Migration::from(std::uint64_t layout_hash) {
  const auto found = std::ranges::find(kSteps, layout_hash, &Step::layout_hash);
  if (found == kSteps.end()) return std::nullopt;
  return Migration(static_cast<std::size_t>(found - kSteps.begin()));
}

std::uint32_t Migration::version() const { return kSteps[first_].from; }

bool Migration::convert(std::string_view table, Value& value) const {
  return std::all_of(kSteps.begin() + static_cast<std::ptrdiff_t>(first_), kSteps.end(),
                     [&](const Step& step) { return step.convert(table, value); });
}

}  // namespace holdfast
