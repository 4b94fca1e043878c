#include "checkpoint/migration.hpp"

#include "checkpoint/records.hpp"

#include <algorithm>
#include <array>
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

// What version 2 made of it, and version 3 left so.
struct SessionRecord {
  std::uint16_t tunnel;
  std::uint16_t id;
  std::uint16_t peer;
  std::uint8_t state;
  std::uint8_t sequencing;
  std::uint8_t role;
  std::uint8_t kind;
  std::array<std::uint8_t, 2> reserved;
  std::uint32_t circuit;
  std::uint32_t call_serial;
  std::uint32_t tx_speed;
  std::uint32_t rx_speed;
  std::uint32_t framing;
  std::int64_t since;
  std::int64_t deadline;
  std::array<std::uint8_t, 32> calling;
  std::array<std::uint8_t, 32> called;
  std::uint32_t call;
  std::uint32_t line;
};
static_assert(sizeof(SessionRecord) == 120);
constexpr std::uint8_t kRoleLns = 1;
constexpr std::uint8_t kCallIncoming = 0;

constexpr std::size_t kTunnelOctets = 312;
constexpr std::size_t kTunnelState = 88;
constexpr std::array kTunnelStates{l2tp::TunnelState::idle, l2tp::TunnelState::wait_ctl_conn,
                                   l2tp::TunnelState::established, l2tp::TunnelState::stopping};
constexpr std::array<std::uint8_t, 3> kSessionStates{0, 3, 5};  // idle, wait-connect, established

// With the next change of its state the tunnel's record is to be frozen as v1::SessionRecord is.
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
  SessionRecord record{};
  record.tunnel = old.tunnel;
  record.id = old.id;
  record.peer = old.peer;
  record.state = kSessionStates[old.state];
  record.sequencing = old.sequencing;
  record.role = kRoleLns;
  record.kind = kCallIncoming;
  record.call_serial = old.call_serial;
  record.tx_speed = old.tx_speed;
  record.rx_speed = old.rx_speed;
  record.framing = old.framing;
  record.since = old.since;
  record.deadline = old.deadline;
  record.calling = old.calling;
  record.called = old.called;
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

constexpr std::size_t kCallOctets = 784;
constexpr std::size_t kCallOctetsOfV3 = 1144;

bool to_v3(std::string_view table, Value& value) {
  if (table != "call") return true;
  if (value.size() != kCallOctets) return false;
  value.resize(kCallOctetsOfV3);
  return true;
}

}  // namespace v2

// Version 4 adds where a tunnel is in the failover protocol, behind what it had; and tunnel switching: a session may
// have another one behind it, and a call says who has switched it, in the middle of its record.
namespace v3 {

constexpr std::size_t kOverheard = 784;  // where it began in a call

bool to_v4(std::string_view table, Value& value) {
  if (table == "tunnel") {
    if (value.size() != v1::kTunnelOctets) return false;
    value.resize(sizeof(TunnelRecord));
    const Resync resync{};
    std::memcpy(value.data() + offsetof(TunnelRecord, resync), &resync, sizeof resync);
  } else if (table == "session") {
    if (value.size() != sizeof(v1::SessionRecord)) return false;
    value.resize(sizeof(SessionRecord));
  } else if (table == "call") {
    if (value.size() != v2::kCallOctetsOfV3) return false;
    value.insert(value.begin() + kOverheard, sizeof(CallRecord) - v2::kCallOctetsOfV3, 0);
  }
  return true;
}
static_assert(offsetof(TunnelRecord, resync) == v1::kTunnelOctets);
static_assert(sizeof(SessionRecord) == sizeof(v1::SessionRecord) + 8);
static_assert(offsetof(CallRecord, overheard) - kOverheard == sizeof(CallRecord) - v2::kCallOctetsOfV3);

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
