#include "engine/transaction.hpp"

#include <new>

namespace holdfast::engine {

RecordChange* Transaction::change(Table table, std::uint32_t index) const {
  // Newest first: a step edits few records, and mostly the ones it touched last.
  for (std::size_t i = step_.changes.size(); i-- > 0;) {
    RecordChange& c = step_.changes[i];
    if (c.table == table && c.index == index) return &c;
  }
  return nullptr;
}

template <class Record>
Record& Transaction::edit_as(Table table, std::uint32_t index) {
  RecordChange* c = change(table, index);
  if (c != nullptr && !c->bytes.empty())
    return *const_cast<Record*>(reinterpret_cast<const Record*>(c->bytes.data()));  // the step's own arena
  const MutableOctets room = step_.allocate(sizeof(Record));
  auto* copy = new (room.data()) Record{};
  if (c != nullptr) {  // freed in this step, and now there again
    c->bytes = room;
    return *copy;
  }
  if (const auto* record = records_.get<Record>(table, index)) *copy = *record;
  must(step_.changes.push({table, index, room}));
  return *copy;
}
template TunnelRecord& Transaction::edit_as<TunnelRecord>(Table, std::uint32_t);
template SessionRecord& Transaction::edit_as<SessionRecord>(Table, std::uint32_t);
template SubscriberRecord& Transaction::edit_as<SubscriberRecord>(Table, std::uint32_t);
template SpecRecord& Transaction::edit_as<SpecRecord>(Table, std::uint32_t);
template CallRecord& Transaction::edit_as<CallRecord>(Table, std::uint32_t);
template CircuitRecord& Transaction::edit_as<CircuitRecord>(Table, std::uint32_t);
template LockoutRecord& Transaction::edit_as<LockoutRecord>(Table, std::uint32_t);
template NodeRecord& Transaction::edit_as<NodeRecord>(Table, std::uint32_t);

void Transaction::free(Table table, std::uint32_t index) {
  if (RecordChange* c = change(table, index)) {
    c->bytes = {};
    return;
  }
  must(step_.changes.push({table, index, {}}));
}

void Transaction::put_message(TunnelId tunnel, std::uint16_t ns, Octets message) {
  constexpr std::size_t kHead = offsetof(MessageRecord, octets);
  if (message.size() > l2tp::kMaxMessage) std::abort();
  const MutableOctets bytes = step_.allocate(kHead + message.size());
  std::memset(bytes.data(), 0, kHead);
  const auto length = static_cast<std::uint16_t>(message.size());
  std::memcpy(bytes.data(), &length, sizeof length);
  std::memcpy(bytes.data() + kHead, message.data(), message.size());
  must(step_.changes.push({Table::message, message_index(tunnel, ns), bytes}));
}

Octets Transaction::message(TunnelId tunnel, std::uint16_t ns) const {
  constexpr std::size_t kHead = offsetof(MessageRecord, octets);
  const auto index = message_index(tunnel, ns);
  if (const RecordChange* c = change(Table::message, index))
    return c->bytes.empty() ? Octets{} : c->bytes.subspan(kHead);
  const auto* record = records_.get<MessageRecord>(Table::message, index);
  if (record == nullptr || record->length > l2tp::kMaxMessage) return {};
  return Octets(record->octets).first(record->length);
}

}  // namespace holdfast::engine
