// After a boot: the copy of the checkpoint on disk becomes a checkpoint in shared memory.
#pragma once

#include "checkpoint/store.hpp"
#include "io/options.hpp"
#include "io/take_over.hpp"
#include "wire/result.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace holdfast::io {

struct OpenedCopy {
  std::optional<TakenOver> taken;
  std::string refusal;  // why the copy that was there was not used, and set aside; empty: there was none
};

// path: of the region, where no file is. The error is a sentence for the operator: the copy is another process's, or a
// newer one's; or the region can't be made. Throws std::runtime_error when memory runs out.
Result<OpenedCopy, std::string> open_copy(const Options& options, const std::filesystem::path& path,
                                          const checkpoint::Layout& layout, const checkpoint::BootId& boot,
                                          const checkpoint::Options& how);

}  // namespace holdfast::io
