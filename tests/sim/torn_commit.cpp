#include "torn_commit.hpp"

#include "checkpoint/begin.hpp"
#include "checkpoint/stores.hpp"
#include "crashing_stores.hpp"

#include <map>
#include <utility>
#include <vector>

namespace holdfast::sim {
namespace {

using checkpoint::Change;
using checkpoint::Region;
using checkpoint::Store;

constexpr std::size_t kMostOctets = 64;  // of one store: a cache line at most

// Values of the records that a transaction changes; empty: there is no such record.
using Values = std::map<std::pair<std::uint16_t, std::uint32_t>, std::vector<std::uint8_t>>;

Values values_of(const Store& store, std::span<const Change> changes) {
  Values values;
  for (const Change& c : changes) {
    const Octets octets = store.record(c.table, c.index);
    values[{c.table, c.index}].assign(octets.begin(), octets.end());
  }
  return values;
}

Values after(Values values, const Store& store, std::span<const Change> changes) {
  for (const Change& c : changes) {
    auto& value = values[{c.table, c.index}];
    value.assign(c.bytes.begin(), c.bytes.end());
    if (!value.empty()) value.resize(store.tables()[c.table].record_octets);
  }
  return values;
}

Region region_of(Store& store) {
  return Region(const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(&store.header())));
}

}  // namespace

TornCommit tear(Store& store, std::span<const Change> changes, std::size_t stores, unsigned seed) {
  TornCommit torn;
  const Values before = values_of(store, changes);
  const Values wanted = after(before, store, changes);
  const std::uint64_t sequence = store.sequence();
  const Region region = region_of(store);
  try {
    CrashingStores crashing(stores, seed, kMostOctets);
    if (!changes.empty()) transact(region, changes, crashing);
    torn.finished = true;
  } catch (const Killed&) {
  }
  torn.happened = store.sequence() != sequence;
  if (check_redo(region) != checkpoint::Refusal::none) {
    torn.wrong = "the redo area is refused";
    return torn;
  }
  checkpoint::DirectStores direct;
  take_over(region, {}, direct);
  if (values_of(store, changes) != (torn.happened ? wanted : before))
    torn.wrong = torn.happened ? "a committed record is not the new one" : "a record that was not committed changed";
  else if (!store.verify().empty())
    torn.wrong = "a record is damaged";
  return torn;
}

}  // namespace holdfast::sim
