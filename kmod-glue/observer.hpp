// Who wants to know what the kernel knows.
#pragma once

#include "kmod-glue/objects.hpp"

#include <cstdint>

namespace holdfast::glue {

enum class Change : std::uint8_t {
  added,     // new, or changed: it stands for what was told of the same object before
  replaced,  // routes only: takes the place of the first route of the same prefix, table and metric
  removed,
};

// Told by a Monitor everything it reads, repetitions included; told by a Mirror true differences only (no `replaced`,
// and the two calls below only once, around the first dump).
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void link(const Link& link, Change change) = 0;
  virtual void address(const Address& address, Change change) = 0;
  virtual void neighbour(const Neighbour& neighbour, Change change) = 0;
  virtual void route(const Route& route, Change change) = 0;
  // A dump of everything begins. It may begin again before it has ended.
  virtual void resynchronizing() = 0;
  // The dump has ended: what was not told since the latest resynchronizing() is gone.
  virtual void resynchronized() = 0;
  // A Monitor asks after each batch: true makes it dump again.
  virtual bool in_doubt() const { return false; }
};

}  // namespace holdfast::glue
