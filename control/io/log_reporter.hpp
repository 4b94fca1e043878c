// Notices as log lines: who, what, why, with names an operator can search for. Never a secret.
#pragma once

#include "engine/executor.hpp"

namespace holdfast::io {

class LogReporter final : public engine::Reporter {
 public:
  void report(const engine::Notice& notice) override;
};

}  // namespace holdfast::io
