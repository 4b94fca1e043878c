#include "io/checkpoint_file.hpp"

#include "abi/attach.hpp"
#include "abi/ids.hpp"
#include "checkpoint/migration.hpp"
#include "checkpoint/record_tables.hpp"
#include "engine/capacity.hpp"
#include "io/open_copy.hpp"
#include "io/system.hpp"
#include "io/take_over.hpp"

#include <spdlog/spdlog.h>

#include <array>
#include <optional>
#include <vector>

namespace holdfast::io {

std::string newer(const std::filesystem::path& path, const checkpoint::Header& header) {
  return fmt::format("{} was written by a newer holdfastd: its records have version {}, this one knows them up to {}",
                     path.string(), header.minor, kRecordsVersion);
}

namespace {

using checkpoint::Refusal;
using checkpoint::Store;

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

// What a region that can't be opened as it is, is worth.
struct Verdict {
  Refusal refusal;                     // why it can't
  std::optional<Migration> migration;  // its records are of an older version
  std::string downgrade;               // they are of a newer one: what to say, and leave it as it is
  bool usable() const { return refusal == Refusal::other_capacity || migration; }
};

Verdict judge(const std::filesystem::path& path, Refusal refusal, const checkpoint::BootId& boot) {
  if (refusal != Refusal::other_layout && refusal != Refusal::other_major_version) return {refusal, {}, {}};
  const auto found = Store::inspect(path);
  if (!found) return {found.error(), {}, {}};
  const checkpoint::Header& header = found->header();
  if (header.boot != boot) return {Refusal::other_boot, {}, {}};
  if (header.major > kCheckpointMajor || header.minor > kRecordsVersion)
    return {refusal, {}, newer(path, header) + kWhatToDoWithANewer};
  if (header.major != kCheckpointMajor) return {refusal, {}, {}};
  return {refusal, Migration::from(header.layout_hash), {}};
}

}  // namespace

Result<CheckpointFile, std::string> open_checkpoint(const Options& options, TimePoint started) {
  const auto boot = boot_id();
  if (!boot) return fail(std::string("/proc/sys/kernel/random/boot_id cannot be read: is /proc mounted?"));
  const std::uint32_t sessions = kBankRows << options.bank_bits();
  const auto tables = record_tables({options.max_tunnels, sessions, engine::Capacity{}.calls});
  const checkpoint::Layout layout{
      .tables = tables, .hash = kRecordsLayout, .major = kCheckpointMajor, .minor = kRecordsVersion};
  const std::filesystem::path path = abi::region_path(options.shm_dir, options.instance, "checkpoint");
  checkpoint::Options how;
  how.writer_start = started;

  auto opened = Store::open(path, layout, *boot, how);
  if (opened) {
    CheckpointFile file{std::move(*opened), path.string(), {}, 0, {}};
    file.damaged = drop_damaged(file.store, file.lost_sessions);
    return file;
  }
  if (opened.error() == Refusal::in_use)
    return fail("another holdfastd of instance \"" + options.instance + "\" is running (it holds " + path.string() +
                "): stop it, or choose another --instance");
  const Verdict verdict = judge(path, opened.error(), *boot);
  if (!verdict.downgrade.empty()) return fail(verdict.downgrade);
  std::string why(verdict.refusal == Refusal::missing ? "" : name(verdict.refusal));
  if (verdict.usable()) {
    auto taken = take_over(path, layout, *boot, options.bank_bits(), verdict.migration, verdict.refusal, how);
    if (!taken) return fail(taken.error());
    return CheckpointFile{std::move(taken->store), path.string(), {}, taken->lost, std::move(taken->lost_sessions)};
  }
  if (verdict.refusal != Refusal::missing) {
    const auto aside = Store::set_aside(path, verdict.refusal);
    if (aside.empty()) return fail(path.string() + ": " + why + ", and it cannot be moved aside");
    spdlog::error("checkpoint {} is not usable ({}): kept as {}", path.string(), why, aside.string());
  }
  if (!options.copy.empty() && (verdict.refusal == Refusal::missing || verdict.refusal == Refusal::other_boot)) {
    auto copy = open_copy(options, path, layout, *boot, how);
    if (!copy) return fail(copy.error());
    if (copy->taken) {
      CheckpointFile file{
          std::move(copy->taken->store), path.string(), {}, copy->taken->lost, std::move(copy->taken->lost_sessions)};
      file.from_copy = true;
      return file;
    }
    if (!copy->refusal.empty()) why = "copy: " + copy->refusal;
  }
  auto created = Store::create(path, layout, *boot, how);
  if (!created) return fail("cannot create the checkpoint: " + created.error());
  spdlog::info("checkpoint {} is new: starting without tunnels", path.string());
  return CheckpointFile{std::move(*created), path.string(), why, 0, {}};
}

Result<std::string, std::string> check_checkpoint(const Options& options) {
  const std::filesystem::path path = abi::region_path(options.shm_dir, options.instance, "checkpoint");
  const auto region = Store::inspect(path);
  if (!region) return fail(path.string() + ": " + std::string(meaning(region.error())));
  const checkpoint::Header& header = region->header();
  const auto boot = boot_id();
  if (!boot || header.boot != *boot) return fail(path.string() + " is of another boot");
  if (header.major > kCheckpointMajor || header.minor > kRecordsVersion) return fail(newer(path, header));
  if (header.major == kCheckpointMajor && header.layout_hash == kRecordsLayout)
    return fmt::format("goes on from records of version {}", header.minor);
  const auto migration = header.major == kCheckpointMajor ? Migration::from(header.layout_hash) : std::nullopt;
  if (migration)
    return fmt::format("goes on from records of version {}, converted to version {}", migration->version(),
                       kRecordsVersion);
  return fail(path.string() + " has records of a layout that no version had");
}

}  // namespace holdfast::io
