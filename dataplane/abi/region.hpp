// The header at the start of every region that the two processes share, and the check a reader makes before it believes
// one. Regions are files in a shared-memory file system: DIR/holdfast.INSTANCE.NAME, e.g.
// /dev/shm/holdfast.default.punt.
//
//   0        8          12     16           24         28          32          48        56      64
//   | magic  | version  | kind | layout hash| (zero)   | total size| boot id   | incarn. | ready | contents...
//
// Everything is an offset, nothing a pointer. `ready` is stored last, with release: a reader that sees it sees the
// rest. "Not ready yet" and "never will be" are different answers.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

namespace holdfast::abi {

inline constexpr std::uint64_t kRegionMagic = 0x484f4c4446415354;  // "HOLDFAST"
inline constexpr std::uint32_t kAbiVersion = 4;                    // of this folder; both processes must have the same

enum class RegionKind : std::uint32_t { punt = 1, inject = 2, tables = 3, counters = 4, hang_ups = 5 };

struct alignas(64) RegionHeader {
  std::uint64_t magic;
  std::uint32_t version;
  RegionKind kind;
  std::uint64_t layout_hash;  // see kLayoutHash below: the sizes of what lies in a region
  std::uint64_t total_size;   // octets, header included
  std::array<std::uint8_t, 16> boot_id;
  std::uint64_t incarnation;         // of the process that made the region; changes when the dataplane starts again
  std::atomic<std::uint32_t> ready;  // 1 when complete
  std::uint32_t reserved;
};
static_assert(sizeof(RegionHeader) == 64);
static_assert(std::atomic<std::uint64_t>::is_always_lock_free && std::atomic<std::uint32_t>::is_always_lock_free);

enum class RegionRefusal : std::uint8_t {
  none,
  too_short,
  bad_magic,
  not_ready,
  other_version,
  other_kind,
  other_layout,
  wrong_size,
};

constexpr std::string_view name(RegionRefusal refusal) {
  switch (refusal) {
    case RegionRefusal::none: return "usable";
    case RegionRefusal::too_short: return "shorter than its header";
    case RegionRefusal::bad_magic: return "not a Holdfast region";
    case RegionRefusal::not_ready: return "not ready yet";
    case RegionRefusal::other_version: return "made by another version";
    case RegionRefusal::other_kind: return "a region of another kind";
    case RegionRefusal::other_layout: return "laid out differently";
    case RegionRefusal::wrong_size: return "of another size than its header says";
  }
  return "unknown";
}

// Checks a mapped region of `size` octets field by field. mapped: 64-octet aligned. Any thread.
inline RegionRefusal check(const void* mapped, std::uint64_t size, RegionKind kind, std::uint64_t layout_hash) {
  if (size < sizeof(RegionHeader)) return RegionRefusal::too_short;
  const auto& header = *static_cast<const RegionHeader*>(mapped);
  if (header.ready.load(std::memory_order_acquire) != 1) return RegionRefusal::not_ready;
  if (header.magic != kRegionMagic) return RegionRefusal::bad_magic;
  if (header.version != kAbiVersion) return RegionRefusal::other_version;
  if (header.kind != kind) return RegionRefusal::other_kind;
  if (header.layout_hash != layout_hash) return RegionRefusal::other_layout;
  if (header.total_size != size) return RegionRefusal::wrong_size;
  return RegionRefusal::none;
}

// FNV-1a over numbers: what the layout of a region depends on (sizes, offsets, counts), at compile time.
template <class... Numbers>
constexpr std::uint64_t layout_hash(Numbers... numbers) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const std::uint64_t number : {static_cast<std::uint64_t>(numbers)...})
    for (unsigned i = 0; i < 8; ++i) hash = (hash ^ (number >> (8 * i) & 0xff)) * 0x100000001b3;
  return hash;
}

}  // namespace holdfast::abi
