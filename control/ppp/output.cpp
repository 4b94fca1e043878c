#include "ppp/output.hpp"

#include <algorithm>
#include <cstdlib>

namespace holdfast::ppp {

void Output::clear() {
  frames_.clear();
  notices_.clear();
  authenticate.reset();
  drops.fill(0);
  used_ = 0;
}

// Half of everything is left: a call answers one frame at most in its full length; what else it sends is short.
bool Output::room() const {
  return frames_.size() <= kFrames / 2 && notices_.size() <= kNotices / 2 && used_ <= storage_.size() / 2;
}

bool Output::noticed(Notice notice) const {
  return std::find(notices_.begin(), notices_.end(), notice) != notices_.end();
}

void Output::notice(Notice notice) {
  if (!notices_.push(notice)) std::abort();
}

void Output::end_frame(const Writer& writer) {
  if (!writer.ok() || !frames_.push(writer.written())) std::abort();
  used_ += writer.size();
}

}  // namespace holdfast::ppp
