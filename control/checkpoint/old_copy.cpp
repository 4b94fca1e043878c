#include "checkpoint/old_copy.hpp"

#include "checkpoint/records.hpp"

#include <array>
#include <cstring>

namespace holdfast {
namespace {

// A time that was set. Zero is none, as kNever is.
void move(TimePoint& time, Duration shift) {
  if (time == kNever || time == TimePoint{}) return;
  const auto sum =
      static_cast<std::uint64_t>(time.time_since_epoch().count()) + static_cast<std::uint64_t>(shift.count());
  time = TimePoint(Duration(static_cast<std::int64_t>(sum)));
}

void take(TunnelRecord& tunnel, Duration shift) {
  auto& channel = tunnel.l2tp.channel;
  for (TimePoint* time :
       {&channel.retransmit_at, &channel.ack_at, &channel.quiet_since, &tunnel.l2tp.since, &tunnel.l2tp.deadline})
    move(*time, shift);
  l2tp::make_stale(channel);
  tunnel.numbers = l2tp::Numbers::asked;
  const std::uint32_t passed_over = std::uint32_t{tunnel.last_session} + kSessionsPassedOver;
  tunnel.last_session = static_cast<std::uint16_t>(passed_over > 65535 ? passed_over - 65535 : passed_over);
}

void take(SessionRecord& session, Duration shift) {
  move(session.l2tp.since, shift);
  move(session.l2tp.deadline, shift);
  session.l2tp.unconfirmed = 1;
}

void take(SubscriberRecord& subscriber, Duration shift) {
  ppp::Link& link = subscriber.link;
  for (TimePoint* time :
       {&link.lcp.deadline, &link.ipcp.deadline, &link.ipv6cp.deadline, &link.phase_deadline,
        &link.authentication_deadline, &link.echo_deadline, &subscriber.up_since, &subscriber.advertisement_due})
    move(*time, shift);
}

void take(CircuitRecord& circuit, Duration shift) { move(circuit.since, shift); }
void take(LockoutRecord& lockout, Duration shift) { move(lockout.failed, shift); }

template <class Record>
bool take_as(std::vector<std::uint8_t>& value, Duration shift) {
  if (value.size() > sizeof(Record)) return false;
  value.resize(sizeof(Record));
  Record record;
  std::memcpy(&record, value.data(), sizeof record);
  take(record, shift);
  std::memcpy(value.data(), &record, sizeof record);
  return true;
}

struct Row {
  std::string_view table;
  bool (*take)(std::vector<std::uint8_t>& value, Duration shift);
};
constexpr std::array kTables{
    Row{"tunnel", take_as<TunnelRecord>},         Row{"session", take_as<SessionRecord>},
    Row{"subscriber", take_as<SubscriberRecord>}, Row{"circuit", take_as<CircuitRecord>},
    Row{"lockout", take_as<LockoutRecord>},
};

}  // namespace

bool take_from_old_copy(std::string_view table, std::vector<std::uint8_t>& value, Duration shift) {
  for (const Row& row : kTables)
    if (row.table == table) return row.take(value, shift);
  return true;  // without times
}

}  // namespace holdfast
