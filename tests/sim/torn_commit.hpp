// A commit whose process dies in the middle of it, and what the next process finds.
#pragma once

#include "checkpoint/store.hpp"

#include <cstddef>
#include <span>
#include <string>

namespace holdfast::sim {

struct TornCommit {
  bool happened = false;  // the commit point was passed
  bool finished = false;  // the process lived on: the commit takes fewer stores
  std::string wrong;      // the next process finds neither the old records nor the new ones; empty: all is well
};

// Does the first `stores` stores of the commit, in the order that the seed gives, then takes the region over as a new
// process does.
TornCommit tear(checkpoint::Store& store, std::span<const checkpoint::Change> changes, std::size_t stores,
                unsigned seed);

}  // namespace holdfast::sim
