#include "checkpoint/copy.hpp"

#include "checkpoint/crc32c.hpp"

#include <algorithm>
#include <cstring>

namespace holdfast::checkpoint {
namespace {

std::uint32_t copy_header_crc(const CopyHeader& header) {
  return crc32c(object_octets(header).subspan(offsetof(CopyHeader, clocks)));
}

template <class T>
void append_object(std::vector<std::uint8_t>& out, const T& object) {
  const Octets octets = object_octets(object);
  out.insert(out.end(), octets.begin(), octets.end());
}

// What of a record is not zeros behind its end: they are implied.
Octets in_use(Octets record) {
  const auto last = std::find_if(record.rbegin(), record.rend(), [](std::uint8_t octet) { return octet != 0; });
  return record.first(std::max<std::size_t>(static_cast<std::size_t>(record.rend() - last), 1));
}

}  // namespace

CopyHeader copy_header(const Header& region, const Clocks& clocks, std::uint64_t sequence) {
  CopyHeader header;
  header.magic = kCopyMagic;
  header.format = kCopyFormat;
  header.clocks = clocks;
  header.sequence = sequence;
  header.region = region;
  header.crc = copy_header_crc(header);
  return header;
}

bool CopyImage::append(std::vector<std::uint8_t>& out, std::uint32_t count) {
  for (; table_ < from_->tables().size(); ++table_, index_ = 0) {
    record_.resize(from_->tables()[table_].record_octets);
    for (const std::uint32_t capacity = from_->tables()[table_].capacity; index_ < capacity; ++index_) {
      if (count-- == 0) return true;
      if (from_->used(table_, index_)) append_record(out);
    }
  }
  return false;
}

// One that changes while it is looked at is in a transaction behind it; a damaged one is not worth keeping.
void CopyImage::append_record(std::vector<std::uint8_t>& out) {
  if (!from_->copy(table_, index_, record_)) return;
  const Octets octets = in_use(record_);
  RedoEntry entry;
  entry.table = table_;
  entry.index = index_;
  entry.length = static_cast<std::uint32_t>(octets.size());
  entry.crc = crc32c(octets);
  RedoHeader header;
  header.entries = 1;
  header.octets = static_cast<std::uint32_t>(sizeof entry + padded(octets.size()));
  header.crc = crc_with_entries(header, crc32c(object_octets(entry)));
  append_object(out, header);
  append_object(out, entry);
  out.insert(out.end(), octets.begin(), octets.end());
  out.resize(out.size() + padded(octets.size()) - octets.size());
}

void append_mark(std::vector<std::uint8_t>& out, std::uint64_t sequence) {
  RedoHeader header;
  header.sequence = sequence;
  header.crc = crc_with_entries(header, 0);
  append_object(out, header);
}

Octets frame_at(Octets octets) {
  if (octets.size() < sizeof(RedoHeader)) return {};
  const std::size_t size = sizeof(RedoHeader) + reinterpret_cast<const RedoHeader*>(octets.data())->octets;
  return size <= octets.size() ? octets.first(size) : Octets{};
}

namespace {

enum class Frame : std::uint8_t {
  sound,
  bad_octets,  // the frame is one, but what it says of a record is damaged
  none,        // the octets are no frame, or not all of one
};

Frame check_frame(Octets frame, std::span<const TableEntry> tables) {
  if (frame.empty()) return Frame::none;
  const auto& header = *reinterpret_cast<const RedoHeader*>(frame.data());
  Octets rest = frame.subspan(sizeof(RedoHeader));
  if (header.octets % 8 != 0 || header.entries > rest.size() / sizeof(RedoEntry)) return Frame::none;
  std::uint32_t entries = 0;
  bool sound = true;
  for (std::uint32_t i = 0; i < header.entries; ++i) {
    if (rest.size() < sizeof(RedoEntry)) return Frame::none;
    const auto& entry = *reinterpret_cast<const RedoEntry*>(rest.data());
    rest = rest.subspan(sizeof(RedoEntry));
    const bool fits = entry.table < tables.size() && entry.index < tables[entry.table].capacity &&
                      entry.length <= tables[entry.table].record_octets && padded(entry.length) <= rest.size();
    if (!fits) return Frame::none;
    entries = crc32c(object_octets(entry), entries);
    sound = sound && crc32c(rest.first(entry.length)) == entry.crc;
    rest = rest.subspan(padded(entry.length));
  }
  if (!rest.empty() || crc_with_entries(header, entries) != header.crc) return Frame::none;
  return sound ? Frame::sound : Frame::bad_octets;
}

Result<Copy, Refusal> begin_reading(Octets file) {
  if (file.size() < sizeof(CopyHeader)) return fail(Refusal::too_short);
  const auto& header = *reinterpret_cast<const CopyHeader*>(file.data());
  if (header.magic != kCopyMagic) return fail(Refusal::bad_magic);
  if (header.format != kCopyFormat) return fail(Refusal::other_format);
  if (header.crc != copy_header_crc(header)) return fail(Refusal::bad_header_crc);
  const Header& region = header.region;
  if (region.tables > kMaxTables || region.redo_octets > UINT32_MAX) return fail(Refusal::other_layout);
  std::array<TableSpec, kMaxTables> tables;
  for (std::size_t i = 0; i < region.tables; ++i)
    tables[i] = {region.table[i].text(), region.table[i].record_octets, region.table[i].capacity};
  const Layout layout{.tables = std::span(tables).first(region.tables),
                      .hash = region.layout_hash,
                      .major = region.major,
                      .minor = region.minor,
                      .redo_octets = static_cast<std::uint32_t>(region.redo_octets)};
  if (!plan(layout, region.boot)) return fail(Refusal::other_layout);
  return Copy{Store::in_memory(layout), header.clocks, header.sequence, {}, 0};
}

// A walk over the frames of a file.
class Reading {
 public:
  Reading(Copy& copy, Octets file) : copy_(copy), rest_(file.subspan(sizeof(CopyHeader))) {}

  Refusal run() {
    while (!rest_.empty()) {
      const Octets frame = frame_at(rest_);
      const Frame kind = check_frame(frame, copy_.store.tables());
      // In the image what can't be read costs a record; behind it a transaction would be missing, so it ends there.
      if (complete_ ? kind != Frame::sound || !take_transaction(frame) : !take_before_mark(frame, kind)) break;
    }
    copy_.unread = rest_.size();
    if (lost_transaction_) return Refusal::bad_redo;
    return complete_ ? Refusal::none : Refusal::not_ready;
  }

 private:
  static const RedoHeader& header_of(Octets frame) { return *reinterpret_cast<const RedoHeader*>(frame.data()); }

  bool take_before_mark(Octets frame, Frame kind) {
    if (kind == Frame::none) {  // look for the next one; they begin at multiples of 8
      if (rest_.size() < 8) return false;
      rest_ = rest_.subspan(8);
      return true;
    }
    const RedoHeader& header = header_of(frame);
    const bool mark = header.entries == 0;
    if (!mark && header.sequence != 0) return kind == Frame::sound ? take_transaction(frame) : lose_transaction();
    if (mark && header.sequence != copy_.sequence) return lose_transaction();
    if (mark)
      complete_ = true;
    else
      take_image(frame, kind == Frame::sound);
    rest_ = rest_.subspan(frame.size());
    return true;
  }

  void take_image(Octets frame, bool sound) {
    for_each_entry(frame, [&](const RedoEntry& entry, Octets octets) {
      if (sound)
        copy_.store.commit(std::array{Change{entry.table, entry.index, octets}});
      else
        copy_.damaged.push_back({entry.table, entry.index});
    });
  }

  bool take_transaction(Octets frame) {
    const RedoHeader& header = header_of(frame);
    if (header.sequence != copy_.sequence + 1) return complete_ ? false : lose_transaction();
    changes_.clear();
    for_each_entry(frame, [&](const RedoEntry& entry, Octets octets) {
      changes_.push_back({entry.table, entry.index, octets});
      std::erase(copy_.damaged, Store::Damage{entry.table, entry.index});
    });
    if (frame.size() - sizeof(RedoHeader) > copy_.store.redo_octets()) return lose_transaction();
    copy_.store.commit(changes_);
    copy_.sequence = header.sequence;
    rest_ = rest_.subspan(frame.size());
    return true;
  }

  bool lose_transaction() {
    lost_transaction_ = !complete_;
    return false;
  }

  Copy& copy_;
  Octets rest_;
  bool complete_ = false;
  bool lost_transaction_ = false;
  std::vector<Change> changes_;
};

}  // namespace

Result<Copy, Refusal> read_copy(Octets file) {
  auto copy = begin_reading(file);
  if (!copy) return copy;
  if (const Refusal refusal = Reading(*copy, file).run(); refusal != Refusal::none) return fail(refusal);
  return copy;
}

}  // namespace holdfast::checkpoint
