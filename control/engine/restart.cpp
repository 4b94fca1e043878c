#include "engine/restart.hpp"

namespace holdfast::engine {

void Restart::begin() {
  cancel();
  records_.for_each(Table::tunnel, &keys_, [](void* keys, std::uint32_t i) {
    static_cast<std::vector<TimerKey>*>(keys)->push_back({TimerKey::Kind::tunnel, i});
  });
  tunnels_ = keys_.size();
  records_.for_each(Table::session, &keys_, [](void* keys, std::uint32_t i) {
    static_cast<std::vector<TimerKey>*>(keys)->push_back({TimerKey::Kind::session, i});
  });
  records_.for_each(Table::circuit, &keys_, [](void* keys, std::uint32_t i) {
    static_cast<std::vector<TimerKey>*>(keys)->push_back({TimerKey::Kind::circuit, i});
  });
  // Whose session's record was damaged.
  records_.for_each(Table::subscriber, this, [](void* self, std::uint32_t i) {
    auto& restart = *static_cast<Restart*>(self);
    if (restart.records_.session(SessionIndex{i}) == nullptr) restart.keys_.push_back({TimerKey::Kind::session, i});
  });
}

void Restart::cancel() {
  keys_.clear();
  tunnels_ = rows_put_ = told_ = 0;
}

}  // namespace holdfast::engine
