// When each of many things, known by number, is due. A thing has one deadline, which may be moved at will: an entry of
// the heap that comes up too early is put back, so moving a deadline further away costs nothing.
#pragma once

#include "wire/time.hpp"

#include <cstdint>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

namespace holdfast::dial {

class Deadlines {
 public:
  // kNever: not due at all.
  void set(std::uint32_t thing, TimePoint due) {
    if (thing >= things_.size()) things_.resize(thing + 1);
    things_[thing].due = due;
    if (due < things_[thing].queued) queue(thing, due);
  }
  // The earliest moment at which take() may have something.
  TimePoint next() const { return heap_.empty() ? kNever : heap_.top().first; }

  // Gives a thing that is due, and forgets its deadline; -1 when there is none.
  std::int64_t take(TimePoint now) {
    while (!heap_.empty() && heap_.top().first <= now) {
      const auto [queued, thing] = heap_.top();
      heap_.pop();
      Thing& t = things_[thing];
      if (queued != t.queued) continue;  // an earlier entry was made since
      t.queued = kNever;
      if (t.due <= now) {
        t.due = kNever;
        return thing;
      }
      if (t.due != kNever) queue(thing, t.due);
    }
    return -1;
  }

 private:
  struct Thing {
    TimePoint due = kNever;
    TimePoint queued = kNever;  // the entry of the heap that counts
  };
  using Entry = std::pair<TimePoint, std::uint32_t>;

  void queue(std::uint32_t thing, TimePoint due) {
    things_[thing].queued = due;
    heap_.emplace(due, thing);
  }

  std::vector<Thing> things_;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> heap_;
};

}  // namespace holdfast::dial
