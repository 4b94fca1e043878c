// What a restart, ours or the dataplane's, makes necessary, in pieces, so that packets are answered in between: first
// every row that the forwarding tables shall have, then, as nobody waits for them, Restored events.
//
// Events may come between the pieces. A row is made from the records as they are when it is put, so a piece undoes
// nothing: what was freed meanwhile is left out, and what is new was put by its own event.
#pragma once

#include "engine/engine.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace holdfast::engine {

class Restart {
 public:
  // engine, records: must outlive this.
  Restart(const Engine& engine, const Records& records) : engine_(engine), records_(records) {}

  // Takes down which tunnels, sessions and circuits there are. A restart that was under way begins anew.
  void begin();
  void cancel();

  // Every row was put: what nobody put may be removed.
  bool rows_done() const { return rows_put_ == keys_.size(); }
  bool done() const { return rows_done() && told_ == keys_.size(); }

  // The rows of up to count tunnels and sessions, all tunnels before the first session: put(const abi::TableOp&).
  template <class Put>
  void put_rows(std::size_t count, Put put) {
    for (const std::size_t end = rows_put_ + std::min(count, keys_.size() - rows_put_); rows_put_ < end; ++rows_put_)
      engine_.rows_of(keys_[rows_put_], &put,
                      [](void* context, const abi::TableOp& op) { (*static_cast<Put*>(context))(op); });
  }
  // Up to count events: handle(const Restored&). Until all are handled no deadline of before the restart may expire.
  template <class Handle>
  void tell(std::size_t count, Handle handle) {
    for (const std::size_t end = told_ + std::min(count, keys_.size() - told_); told_ < end;)
      handle(Restored{keys_[told_++]});
  }

  std::size_t tunnels() const { return tunnels_; }

 private:
  const Engine& engine_;
  const Records& records_;
  std::vector<TimerKey> keys_;
  std::size_t tunnels_ = 0;  // the first of keys_
  std::size_t rows_put_ = 0;
  std::size_t told_ = 0;
};

}  // namespace holdfast::engine
