// Why a region can't be used. Every check has its own name, for the log and for the file that is kept aside.
#pragma once

#include <cstdint>
#include <string_view>

namespace holdfast::checkpoint {

enum class Refusal : std::uint8_t {
  none,
  missing,              // there is no such file: the first start, not an error
  unreadable,           // the system refuses to open or map it
  not_ours,             // it belongs to another user, or others may write it
  in_use,               // another process writes it
  too_short,            // for a header
  bad_magic,            // not a checkpoint
  not_ready,            // creation was not finished
  other_format,         // of the region itself
  other_major_version,  // of the records
  bad_header_crc,
  wrong_size,      // of the file
  other_layout,    // the record structs, or the names and record sizes of the tables, differ
  other_boot,      // written before the system was started
  other_capacity,  // all is well but the capacities (or the redo area): Store::adopt can take the records over
  bad_redo,        // the last committed transaction is damaged
};

// Lower case, words joined by hyphens: "bad-header-crc".
std::string_view name(Refusal refusal);
// What it means, as part of a sentence: "it is not a checkpoint".
std::string_view meaning(Refusal refusal);

}  // namespace holdfast::checkpoint
