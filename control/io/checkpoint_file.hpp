// Opens the checkpoint, whatever state it is in: goes on with a good one, takes over one of other capacity or of an
// older version, leaves one of a newer version alone, sets a bad one aside, begins a new one.
#pragma once

#include "abi/ids.hpp"
#include "checkpoint/store.hpp"
#include "io/options.hpp"
#include "wire/result.hpp"

#include <string>
#include <vector>

namespace holdfast::io {

struct CheckpointFile {
  checkpoint::Store store;
  std::string path;
  std::string refusal;        // why the file that was there was not used; empty: it was, or there was none
  std::uint64_t damaged = 0;  // records that were dropped
  std::vector<SessionIndex> lost_sessions;  // which of them were sessions, or where they may have been
  bool from_copy = false;                   // the records are those of the copy on disk
};

inline constexpr std::uint32_t kCheckpointMajor = 1;  // of the records
// What to say of a region, or a copy of one, whose records are of a newer version.
std::string newer(const std::filesystem::path& path, const checkpoint::Header& header);
inline constexpr const char* kWhatToDoWithANewer =
    ". Start the newer one again, and the sessions go on; or remove the file to begin without them";

// The error is a sentence for the operator: another daemon of this instance runs, the checkpoint is a newer one's, or
// memory or permission is missing. Throws std::runtime_error when memory runs out while one is taken over.
Result<CheckpointFile, std::string> open_checkpoint(const Options& options, TimePoint started);

// Whether open_checkpoint would go on from the region that is there, which a process may be using: how, or why not.
Result<std::string, std::string> check_checkpoint(const Options& options);

}  // namespace holdfast::io
