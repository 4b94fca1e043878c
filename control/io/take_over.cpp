#include "io/take_over.hpp"

#include "checkpoint/old_copy.hpp"
#include "checkpoint/record_tables.hpp"
#include "checkpoint/records.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstring>
#include <unordered_map>
#include <unordered_set>

namespace holdfast::io {
namespace {

using checkpoint::Store;

constexpr std::string_view kSession = "session", kSubscriber = "subscriber", kCall = "call", kCircuit = "circuit";

// Where a session lies follows from its ids and the number of banks (abi/ids.hpp), and where a circuit does from its
// own and its subscriber's address. With another number they move, and so does what names their places.
class Places {
 public:
  Places(unsigned before, unsigned now, const Store& old) : before_(before), now_(now) {
    if (before_ == now_) return;
    for (std::uint16_t t = 0; t < old.tables().size(); ++t)
      if (old.tables()[t].text() == kCircuit)
        old.for_each_used(t, [&](std::uint32_t i) { place_circuit(old.get<CircuitRecord>(t, i)); });
  }

  // A record of today's version. False: it has no place in the new region.
  bool move(std::string_view table, std::uint32_t& index, std::vector<std::uint8_t>& value) {
    if (before_ == now_) return true;
    if (table == kSession) return move_session(index, value);
    if (table == kSubscriber) return follow(index);
    if (table == kCall) return move_call(value);
    if (table == kCircuit) return move_circuit(index, value);
    return true;
  }

  // Where a session may be that was at this index. Whose it was is not known, so it may be in several banks.
  void add_candidates(std::uint32_t index, std::vector<SessionIndex>& sessions) const {
    const std::uint32_t known = (1u << std::min(before_, now_)) - 1u;
    for (std::uint32_t bank = 0; bank < 1u << now_; ++bank)
      if (((bank ^ index >> 16) & known) == 0) sessions.push_back(SessionIndex{bank << 16 | (index & 0xffff)});
  }

 private:
  // Two sessions of one bank now, and of two before, may have one id; one of them stays.
  bool move_session(std::uint32_t& index, std::vector<std::uint8_t>& value) {
    SessionRecord session;
    if (value.size() != sizeof session) return false;
    std::memcpy(&session, value.data(), sizeof session);
    const std::uint32_t to = session_index(session.l2tp.tunnel, session.l2tp.id, now_).raw;
    if (!taken_.emplace(to, index).second) return false;
    moved_.emplace(index, to);
    index = to;
    const auto line = circuits_.find(session.circuit.raw);
    if (line != circuits_.end()) session.circuit = CircuitId(line->second);
    std::memcpy(value.data(), &session, sizeof session);
    return true;
  }
  // Of two that would have one place, one stays; the other's session will find no line, and end (engine/mending.cpp).
  void place_circuit(const CircuitRecord* circuit) {
    if (circuit == nullptr) return;
    const std::uint32_t to = circuit_id(circuit->mac[5], pppoe_session(circuit->id), now_).raw;
    if (circuits_taken_.insert(to).second) circuits_.emplace(circuit->id.raw, to);
  }
  bool move_circuit(std::uint32_t& index, std::vector<std::uint8_t>& value) const {
    CircuitRecord circuit;
    const auto found = circuits_.find(index);
    if (value.size() != sizeof circuit || found == circuits_.end()) return false;
    std::memcpy(&circuit, value.data(), sizeof circuit);
    index = found->second;
    circuit.id = CircuitId(index);
    if (!follow(circuit.ppp.raw)) return false;
    if (circuit.call.raw != 0) (void)follow(circuit.call.raw);  // without it, it is placed again
    std::memcpy(value.data(), &circuit, sizeof circuit);
    return true;
  }
  bool follow(std::uint32_t& index) const {
    const auto found = moved_.find(index);
    if (found != moved_.end()) index = found->second;
    return found != moved_.end();
  }
  bool move_call(std::vector<std::uint8_t>& value) const {
    CallRecord call;
    if (value.size() != sizeof call) return false;
    std::memcpy(&call, value.data(), sizeof call);
    if (!follow(call.session.raw)) return false;
    std::memcpy(value.data(), &call, sizeof call);
    return true;
  }

  unsigned before_, now_;
  std::unordered_map<std::uint32_t, std::uint32_t> circuits_;  // from where to where
  std::unordered_set<std::uint32_t> circuits_taken_;
  std::unordered_map<std::uint32_t, std::uint32_t> moved_, taken_;  // from where to where, and the reverse
};

unsigned bank_bits_of(const Store& store) {
  for (const auto& table : store.tables())
    if (table.text() == kSession) return bank_bits_for(table.capacity - table.capacity / kBankRows);
  return 0;
}

}  // namespace

Adopted adopt_records(const Store& old, Store& next, unsigned bank_bits, const std::optional<Migration>& migration,
                      const std::optional<Duration>& shift, const std::vector<Store::Damage>& unread) {
  Places places(bank_bits_of(old), bank_bits, old);
  const Store::Convert convert = [&](std::string_view table, std::uint32_t& index, std::vector<std::uint8_t>& value) {
    return (!migration || migration->convert(table, value)) && (!shift || take_from_old_copy(table, value, *shift)) &&
           places.move(table, index, value);
  };
  auto left_out = next.adopt(old, convert).value_or(std::vector{Store::Damage{}});
  left_out.insert(left_out.end(), unread.begin(), unread.end());
  Adopted adopted{left_out.size(), {}};
  for (const auto& record : left_out)
    if (old.tables()[record.table].text() == kSession) places.add_candidates(record.index, adopted.lost_sessions);
  return adopted;
}

Result<TakenOver, std::string> take_over(const std::filesystem::path& path, const checkpoint::Layout& layout,
                                         const checkpoint::BootId& boot, unsigned bank_bits,
                                         const std::optional<Migration>& migration, checkpoint::Refusal reason,
                                         const checkpoint::Options& how) {
  Adopted adopted;
  const auto fill = [&](const Store& old, Store& next) {
    adopted = adopt_records(old, next, bank_bits, migration);
    spdlog::warn("checkpoint: taken over from a region of {}; {} records were damaged or did not fit",
                 migration ? fmt::format("records version {}", migration->version()) : "other capacity", adopted.lost);
    return adopted.lost == 0;
  };
  auto store = Store::replace(path, layout, boot, fill, reason, how);
  if (!store) return fail(store.error());
  return TakenOver{std::move(*store), adopted.lost, std::move(adopted.lost_sessions)};
}

}  // namespace holdfast::io
