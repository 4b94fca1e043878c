// A checkpoint that can't be opened as it is, because its records are of an older version or its tables of another
// size, becomes a new one that takes its place.
#pragma once

#include "abi/ids.hpp"
#include "checkpoint/migration.hpp"
#include "checkpoint/store.hpp"
#include "wire/result.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace holdfast::io {

struct TakenOver {
  checkpoint::Store store;
  std::uint64_t lost = 0;                   // records that were damaged or had no place
  std::vector<SessionIndex> lost_sessions;  // where sessions among them may have been, in the new region
};

// Puts the sound records of old into next, which is empty. shift: of a copy that may be old, what is added to its
// times. unread: records of old that are not even there any more.
struct Adopted {
  std::uint64_t lost = 0;
  std::vector<SessionIndex> lost_sessions;
};
Adopted adopt_records(const checkpoint::Store& old, checkpoint::Store& next, unsigned bank_bits,
                      const std::optional<Migration>& migration, const std::optional<Duration>& shift = {},
                      const std::vector<checkpoint::Store::Damage>& unread = {});

// migration: nothing where the records are of today's version. bank_bits: those of layout. The error is a sentence for
// the operator; throws std::runtime_error when memory runs out.
Result<TakenOver, std::string> take_over(const std::filesystem::path& path, const checkpoint::Layout& layout,
                                         const checkpoint::BootId& boot, unsigned bank_bits,
                                         const std::optional<Migration>& migration, checkpoint::Refusal reason,
                                         const checkpoint::Options& how);

}  // namespace holdfast::io
