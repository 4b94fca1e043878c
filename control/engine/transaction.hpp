// The records as one event sees them: read from the checkpoint, changed in copies that the step carries. The first edit
// of a record copies it; reading it afterwards gives the copy.
#pragma once

#include "engine/step.hpp"

namespace holdfast::engine {

class Transaction {
 public:
  Transaction(const Records& records, Step& step, unsigned bank_bits)
      : records_(records), step_(step), bank_bits_(bank_bits) {}

  // Null when there is none. Valid until the record is edited.
  const TunnelRecord* tunnel(TunnelId id) const { return read<TunnelRecord>(Table::tunnel, id.raw); }
  const SessionRecord* session(SessionIndex i) const { return read<SessionRecord>(Table::session, i.raw); }
  const SubscriberRecord* subscriber(SessionIndex i) const { return read<SubscriberRecord>(Table::subscriber, i.raw); }

  const SpecRecord* spec(TunnelId id) const { return read<SpecRecord>(Table::spec, id.raw); }
  const CallRecord* call(std::uint32_t i) const { return read<CallRecord>(Table::call, i); }
  const CircuitRecord* circuit(CircuitId id) const { return read<CircuitRecord>(Table::circuit, id.raw); }
  const NodeRecord* node() const { return read<NodeRecord>(Table::node, 0); }

  // The copy to change; zeroed when there was no such record, which makes one. Valid until the step is cleared.
  TunnelRecord& edit(TunnelId id) { return edit_as<TunnelRecord>(Table::tunnel, id.raw); }
  SessionRecord& edit_session(SessionIndex i) { return edit_as<SessionRecord>(Table::session, i.raw); }
  SubscriberRecord& edit_subscriber(SessionIndex i) { return edit_as<SubscriberRecord>(Table::subscriber, i.raw); }
  SpecRecord& edit_spec(TunnelId id) { return edit_as<SpecRecord>(Table::spec, id.raw); }
  CallRecord& edit_call(std::uint32_t i) { return edit_as<CallRecord>(Table::call, i); }
  CircuitRecord& edit_circuit(CircuitId id) { return edit_as<CircuitRecord>(Table::circuit, id.raw); }
  LockoutRecord& edit_lockout(std::uint32_t i) { return edit_as<LockoutRecord>(Table::lockout, i); }
  NodeRecord& edit_node() { return edit_as<NodeRecord>(Table::node, 0); }

  bool edited(Table table, std::uint32_t index) const { return change(table, index) != nullptr; }
  void free(Table table, std::uint32_t index);
  // The message that the tunnel sends with this Ns.
  void put_message(TunnelId tunnel, std::uint16_t ns, Octets message);
  Octets message(TunnelId tunnel, std::uint16_t ns) const;

  SessionIndex index(TunnelId tunnel, SessionId session) const { return session_index(tunnel, session, bank_bits_); }
  unsigned bank_bits() const { return bank_bits_; }
  Step& step() { return step_; }

 private:
  RecordChange* change(Table table, std::uint32_t index) const;

  template <class Record>
  const Record* read(Table table, std::uint32_t index) const {
    if (const RecordChange* c = change(table, index))
      return c->bytes.empty() ? nullptr : reinterpret_cast<const Record*>(c->bytes.data());
    return records_.get<Record>(table, index);
  }
  template <class Record>
  Record& edit_as(Table table, std::uint32_t index);

  const Records& records_;
  Step& step_;
  unsigned bank_bits_;
};

}  // namespace holdfast::engine
