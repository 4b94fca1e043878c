// What holdfast checkpoint prints: values, and their text and JSON forms.
#pragma once

#include "cli/record_fields.hpp"
#include "cli/region_reader.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace holdfast::cli {

struct RecordReport {
  std::string table{};
  std::uint32_t index{};
  bool damaged{};
  std::vector<Field> fields{};  // empty: what the record means is not known
};

// show: one region.
struct RegionReport {
  struct TableUse {
    std::string name{};
    std::uint64_t used{}, capacity{}, record_octets{};
  };
  std::string path{};
  std::uint64_t region_octets{};
  std::string version{};  // of the records
  std::string layout{};   // their hash
  bool known_layout{};
  std::string boot{};  // the UUID of the boot in which it was written
  bool live{};
  std::uint64_t writer_pid{}, incarnation{}, commits{};
  std::vector<TableUse> tables{};
  std::vector<RecordReport> records{};  // where they were asked for
};
RegionReport show_region(const RegionReader& region, bool records);
std::string text(const RegionReport& report);
std::string json(const RegionReport& report);

// verify: each of several files.
struct VerifyReport {
  std::string path{};
  std::string refusal{};  // by name; empty: the whole can be trusted
  std::string meaning{};
  std::uint64_t records{};
  std::vector<RecordReport> damaged{};
  bool sound() const { return refusal.empty() && damaged.empty(); }
};
VerifyReport verify_region(const std::filesystem::path& path);
std::string text(const std::vector<VerifyReport>& reports);
std::string json(const std::vector<VerifyReport>& reports);

// diff: from one region to another. Damaged records count as there not being any.
struct DiffReport {
  enum class Kind : std::uint8_t { removed, added, changed };
  struct Change {
    Kind kind{};
    std::string table{};
    std::uint32_t index{};
    std::vector<Field> before{}, after{};  // changed: the fields that differ
    std::string octets{};                  // changed, and no field differs: where the first octet is that does
  };
  std::string from, to;
  std::vector<std::string> tables{};  // in one region only, or with records of another size: not compared
  std::vector<Change> changes{};
  bool same() const { return tables.empty() && changes.empty(); }
};
DiffReport diff_regions(const RegionReader& from, const RegionReader& to);
std::string text(const DiffReport& report);
std::string json(const DiffReport& report);

}  // namespace holdfast::cli
