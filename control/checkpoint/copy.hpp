// A copy of a region in a file that is only ever appended to, so that what a loss of power leaves of it is a beginning
// of it, and a beginning is what the region was at one commit.
//
//   CopyHeader | frame | frame | ...
//
// A frame is a redo area in use (redo.hpp): RedoHeader | RedoEntry, octets | ...
//
//   image        sequence 0, one record as it was at some moment while the image was made
//   transaction  sequence n: transaction n, as the region's redo area had it
//   mark         sequence n, no entries: the image is complete, and true together with the transactions up to n
//
// The image is made while transactions go on. Each of those since CopyHeader::sequence is in the file, in order, and
// none before an image frame that is older than it: so, read in order, the last value of each record is the right one.
#pragma once

#include "checkpoint/redo.hpp"
#include "checkpoint/refusal.hpp"
#include "checkpoint/region.hpp"
#include "checkpoint/store.hpp"
#include "wire/octets.hpp"
#include "wire/result.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

namespace holdfast::checkpoint {

// The two clocks of the system at one moment. The monotonic one, of which the records' times are, begins anew at each
// boot.
struct Clocks {
  std::int64_t monotonic{};  // nanoseconds
  std::int64_t realtime{};   // likewise, since 1970
};

struct CopyHeader {
  std::array<char, 8> magic{};
  std::uint32_t format{};
  std::uint32_t crc{};  // CRC32C of all behind it
  Clocks clocks;        // when the copy was begun
  std::uint64_t sequence{};
  std::uint64_t reserved{};
  Header region;
};
static_assert(sizeof(CopyHeader) == 48 + sizeof(Header));
static_assert(std::has_unique_object_representations_v<CopyHeader>);

inline constexpr std::array<char, 8> kCopyMagic{'h', 'f', '-', 'c', 'o', 'p', 'y', '\n'};
inline constexpr std::uint32_t kCopyFormat = 1;

CopyHeader copy_header(const Header& region, const Clocks& clocks, std::uint64_t sequence);

// Appends the next records of a region that another one writes meanwhile to a file in the making.
class CopyImage {
 public:
  // from: read-only (Store::inspect); must outlive this.
  explicit CopyImage(const Store& from) : from_(&from) {}

  // Image frames of up to count records, used or free. False: there are no more.
  [[nodiscard]] bool append(std::vector<std::uint8_t>& out, std::uint32_t count);

 private:
  void append_record(std::vector<std::uint8_t>& out);

  const Store* from_;
  std::uint16_t table_ = 0;
  std::uint32_t index_ = 0;
  std::vector<std::uint8_t> record_;
};

void append_mark(std::vector<std::uint8_t>& out, std::uint64_t sequence);

// A frame at the start of these octets, header and all; empty when there is no whole one. For frames that this process
// made: nothing is summed.
Octets frame_at(Octets octets);
inline std::uint64_t frame_sequence(Octets frame) {
  return reinterpret_cast<const RedoHeader*>(frame.data())->sequence;
}

struct Copy {
  Store store;                         // in private memory, laid out as the copied region
  Clocks clocks;                       // of its header
  std::uint64_t sequence{};            // of the last transaction that is in it
  std::vector<Store::Damage> damaged;  // records of the image that could not be read
  std::uint64_t unread{};              // octets behind the last frame that could: a torn end, or damage
};

// Reads a copy. file: the whole of it, aligned to 8. Refusals: too_short, bad_magic, other_format, bad_header_crc,
// other_layout, not_ready (its image is not complete), bad_redo (a transaction that the image needs is damaged).
Result<Copy, Refusal> read_copy(Octets file);

}  // namespace holdfast::checkpoint
