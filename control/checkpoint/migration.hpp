// Records of older versions, and how they become those of today (records.hpp): one step a version, from each to the
// next, so that an upgrade finds the sessions whatever released version wrote them. A step looks at one record at a
// time; tables that it does not know are taken over as they are, and new ones begin empty.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace holdfast {

class Migration {
 public:
  // From the records whose layout hash this is; nothing when no released version has it.
  static std::optional<Migration> from(std::uint64_t layout_hash);

  std::uint32_t version() const;  // kRecordsVersion of then
  // Makes a record of then one of today. value: the octets in use. False: it can't be a record of then.
  [[nodiscard]] bool convert(std::string_view table, std::vector<std::uint8_t>& value) const;

 private:
  explicit Migration(std::size_t first) : first_(first) {}

  std::size_t first_;  // of the steps
};

}  // namespace holdfast
