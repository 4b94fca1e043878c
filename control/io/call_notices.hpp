// Notices on their way to the log, with those kept that somebody in this process must act upon: what became of a call
// that was placed, calls that a peer wants to be placed. The engine is not to be called
// from within its executor, so they wait until the step is done.
#pragma once

#include "engine/executor.hpp"

#include <deque>
#include <optional>

namespace holdfast::io {

class CallNotices final : public engine::Reporter {
 public:
  explicit CallNotices(engine::Reporter& next) : next_(next) {}

  void report(const engine::Notice& notice) override {
    using engine::NoticeKind;
    next_.report(notice);
    const bool placed = notice.kind == NoticeKind::session_up || notice.kind == NoticeKind::call_failed;
    if (notice.kind == NoticeKind::circuit_wanted || (placed && notice.circuit != 0)) kept_.push_back(notice);
  }

  // The oldest that was kept, which is then forgotten.
  std::optional<engine::Notice> take() {
    if (kept_.empty()) return std::nullopt;
    const engine::Notice oldest = kept_.front();
    kept_.pop_front();
    return oldest;
  }

 private:
  engine::Reporter& next_;
  std::deque<engine::Notice> kept_;
};

}  // namespace holdfast::io
