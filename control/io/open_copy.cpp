#include "io/open_copy.hpp"

#include "checkpoint/copy.hpp"
#include "checkpoint/mapping.hpp"
#include "checkpoint/records.hpp"
#include "io/checkpoint_file.hpp"
#include "io/system.hpp"

#include <spdlog/spdlog.h>

namespace holdfast::io {
namespace {

using checkpoint::Refusal;
using checkpoint::Store;

Result<checkpoint::Copy, Refusal> read(const std::filesystem::path& path) {
  // As for writing: it must be ours, and nobody else's at this moment.
  auto file = checkpoint::File::open(path, checkpoint::Access::write);
  if (!file) return fail(file.error());
  const auto mapping =
      checkpoint::Mapping::of(std::move(*file), checkpoint::Access::read, sizeof(checkpoint::CopyHeader));
  if (!mapping) return fail(mapping.error());
  return checkpoint::read_copy(mapping->octets());
}

// What is added to a time of the clock of then to have it in that of now.
Duration shift(const checkpoint::Clocks& then, const checkpoint::Clocks& now) {
  return Duration((now.monotonic - now.realtime) - (then.monotonic - then.realtime));
}

OpenedCopy refuse(const std::filesystem::path& path, Refusal refusal) {
  if (refusal == Refusal::missing) return {};
  const auto aside = Store::set_aside(path, refusal);
  spdlog::error("checkpoint copy {} is not usable ({}): {}", path.string(), meaning(refusal),
                aside.empty() ? "it cannot be moved aside" : "kept as " + aside.string());
  return {{}, std::string(name(refusal))};
}

}  // namespace

Result<OpenedCopy, std::string> open_copy(const Options& options, const std::filesystem::path& path,
                                          const checkpoint::Layout& layout, const checkpoint::BootId& boot,
                                          const checkpoint::Options& how) {
  const std::filesystem::path copy_path = options.copy;
  const auto copy = read(copy_path);
  if (!copy && copy.error() == Refusal::in_use) return fail(options.copy + ": " + std::string(meaning(copy.error())));
  if (!copy) return refuse(copy_path, copy.error());
  const checkpoint::Header& header = copy->store.header();
  if (header.major > kCheckpointMajor || header.minor > kRecordsVersion)
    return fail(newer(copy_path, header) + kWhatToDoWithANewer);
  std::optional<Migration> migration;
  if (header.layout_hash != kRecordsLayout) {
    migration = header.major == kCheckpointMajor ? Migration::from(header.layout_hash) : std::nullopt;
    if (!migration) return refuse(copy_path, Refusal::other_layout);
  }
  Adopted adopted;
  const auto fill = [&](Store& next) {
    adopted =
        adopt_records(copy->store, next, options.bank_bits(), migration, shift(copy->clocks, clocks()), copy->damaged);
  };
  auto store = Store::create(path, layout, boot, how, fill);
  if (!store) return fail(store.error());
  spdlog::warn(
      "checkpoint: going on from the copy {}, which may be old; {} records were damaged or did not fit, {} "
      "octets at its end could not be read",
      options.copy, adopted.lost, copy->unread);
  return OpenedCopy{TakenOver{std::move(*store), adopted.lost, std::move(adopted.lost_sessions)}, {}};
}

}  // namespace holdfast::io
