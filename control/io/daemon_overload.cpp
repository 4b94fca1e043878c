// What keeps the daemon on its feet in a storm: hang-ups, of which none is lost (abi/hang_ups.hpp), and waiting for the
// dataplane where it does not take packets as fast as they come to mind.
#include "io/daemon.hpp"

#include <spdlog/spdlog.h>

#include <chrono>

namespace holdfast::io {
namespace {

constexpr unsigned kHangUpBatch = 64;  // before others get their turn
constexpr std::uint32_t kAttemptsBeforeSkip = 2;
constexpr ev::tstamp kUntilRoom = 0.0005;                // seconds between two looks
constexpr Duration kPatience = std::chrono::seconds(2);  // with a dataplane that takes nothing

}  // namespace

// A batch of them; false when none is left. Not while the restart goes on: what a tunnel has not said yet goes first.
bool Daemon::take_hang_ups() {
  if (!restart_.done()) return false;
  abi::HangUps& hang_ups = port_.dataplane()->hang_ups();
  if (next_hang_up_ == 0) {
    const std::uint64_t told = hang_ups.told();
    if (told == hang_ups_seen_) return false;
    hang_ups_seen_ = told;
    next_hang_up_ = 1;
  }
  for (unsigned i = 0; i < kHangUpBatch && has_room(); ++i) {
    const auto circuit = hang_ups.next(CircuitId(next_hang_up_));
    next_hang_up_ = circuit ? circuit->raw + 1 : 0;
    if (!circuit) return hang_ups.told() != hang_ups_seen_;
    if (hang_ups.begin_attempt(*circuit) >= kAttemptsBeforeSkip) {
      engine_.counters().add(engine::Count::poison);
      spdlog::error("a PADT that ended this process twice was skipped");
    } else {
      handle(engine::CircuitHungUp{*circuit});
    }
    if (port_.dataplane() == nullptr) return false;
    hang_ups.done(*circuit);
  }
  return true;
}

// Whether the dataplane has room for what one more event leads to. False: room_ will look again.
bool Daemon::has_room() {
  if (port_.has_room()) {
    no_room_since_ = kNever;
    return true;
  }
  if (room_.is_active()) return false;
  port_.count_wait();
  const TimePoint at = now();
  if (no_room_since_ == kNever) no_room_since_ = at;
  if (at - no_room_since_ > kPatience) port_.give_up();
  port_.dataplane()->ring();
  room_.start(kUntilRoom, 0);
  return false;
}

}  // namespace holdfast::io
