#include "io/checkpoint_file.hpp"

#include "abi/attach.hpp"
#include "abi/ids.hpp"
#include "checkpoint/records.hpp"
#include "engine/capacity.hpp"
#include "io/system.hpp"

#include <spdlog/spdlog.h>

#include <array>

namespace holdfast::io {
namespace {

using checkpoint::Refusal;
using checkpoint::Store;

constexpr std::uint32_t kMajor = 1;
constexpr std::uint32_t kMinor = 0;

// Records that do not match their checksum are freed one by one; the rest lives.
std::uint64_t drop_damaged(Store& store, std::vector<SessionIndex>& sessions) {
  const auto damages = store.verify();
  for (const auto& damage : damages) {
    spdlog::error("checkpoint: record {} of table {} is damaged and was dropped", damage.index, damage.table);
    store.drop(damage.table, damage.index);
    if (damage.table == static_cast<std::uint16_t>(Table::session)) sessions.push_back(SessionIndex{damage.index});
  }
  return damages.size();
}

void adopt_from(Store& store, const std::filesystem::path& aside) {
  const auto old = Store::inspect(aside);
  if (!old) return;
  if (const auto lost = store.adopt(*old))
    spdlog::warn("checkpoint: taken over from {} into a region of other capacity; {} records did not fit",
                 aside.string(), *lost);
}

}  // namespace

Result<CheckpointFile, std::string> open_checkpoint(const Options& options, TimePoint started) {
  const auto boot = boot_id();
  if (!boot) return fail(std::string("/proc/sys/kernel/random/boot_id cannot be read: is /proc mounted?"));
  const std::uint32_t sessions = kBankRows << options.bank_bits();
  const std::array<checkpoint::TableSpec, 6> tables{{
      {"tunnel", sizeof(TunnelRecord), options.max_tunnels},
      {"message", sizeof(MessageRecord), options.max_tunnels * l2tp::kSlots},
      {"session", sizeof(SessionRecord), sessions},
      {"subscriber", sizeof(SubscriberRecord), sessions},
      {"spec", sizeof(SpecRecord), options.max_tunnels},
      {"call", sizeof(CallRecord), engine::Capacity{}.calls},
  }};
  const checkpoint::Layout layout{.tables = tables, .hash = kRecordsLayout, .major = kMajor, .minor = kMinor};
  const std::filesystem::path path = abi::region_path(options.shm_dir, options.instance, "checkpoint");
  checkpoint::Options how;
  how.writer_start = started;

  auto opened = Store::open(path, layout, *boot, how);
  if (opened) {
    CheckpointFile file{std::move(*opened), path.string(), {}, 0, {}};
    file.damaged = drop_damaged(file.store, file.lost_sessions);
    return file;
  }
  const Refusal refusal = opened.error();
  if (refusal == Refusal::in_use)
    return fail("another holdfastd of instance \"" + options.instance + "\" is running (it holds " + path.string() +
                "): stop it, or choose another --instance");
  std::filesystem::path aside;
  if (refusal != Refusal::missing) {
    aside = Store::set_aside(path, refusal);
    if (aside.empty())
      return fail(path.string() + ": " + std::string(name(refusal)) + ", and it cannot be moved aside");
    spdlog::error("checkpoint {} is not usable ({}): kept as {}", path.string(), name(refusal), aside.string());
  }
  auto created = Store::create(path, layout, *boot, how);
  if (!created) return fail("cannot create the checkpoint: " + created.error());
  if (refusal == Refusal::other_capacity) {
    adopt_from(*created, aside);
  } else {
    spdlog::info("checkpoint {} is new: starting without tunnels", path.string());
  }
  const std::string why(refusal == Refusal::missing ? "" : name(refusal));
  return CheckpointFile{std::move(*created), path.string(), why, 0, {}};
}

}  // namespace holdfast::io
