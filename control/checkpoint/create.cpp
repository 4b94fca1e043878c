// Store::create, replace and set_aside: how a region comes to its name, and how it loses it.
#include "checkpoint/begin.hpp"
#include "checkpoint/store.hpp"
#include "checkpoint/stores.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <fcntl.h>
#include <optional>
#include <sys/statvfs.h>
#include <system_error>
#include <unistd.h>

namespace holdfast::checkpoint {
namespace {

namespace fs = std::filesystem;

std::string because(int error) { return ": " + std::generic_category().message(error); }

// Makes the file a region's size, all zeros. Says what went wrong.
std::string make_size(const File& file, std::uint64_t octets) {
  struct statvfs system {};
  if (::fstatvfs(file.descriptor(), &system) != 0) return "can't ask for the size of its file system" + because(errno);
  if (octets / system.f_frsize >= system.f_blocks)
    return "it takes " + std::to_string(octets) + " octets, its file system has " +
           std::to_string(std::uint64_t{system.f_blocks} * system.f_frsize);
  // By way of 0: what a process that was killed in the middle of this left behind must not show through.
  if (::ftruncate(file.descriptor(), 0) != 0 || ::ftruncate(file.descriptor(), static_cast<off_t>(octets)) != 0)
    return "can't set its size" + because(errno);
  return {};
}

// Memory for what every transaction and every scan touches: all but the records, which have theirs on demand.
bool make_room(const Mapping& mapping, const Header& header, Pages pages) {
  if (pages == Pages::up_front) return mapping.populate(0, header.octets);
  std::uint64_t from = 0;
  for (std::size_t i = 0; i < header.tables; ++i) {
    const TableEntry& table = header.table[i];
    if (!mapping.populate(from, table.records - from)) return false;
    from = table.records + up_to_page(std::uint64_t{table.record_octets} * table.capacity);
  }
  return true;
}

// The number N of a file that set_aside named after path.
std::optional<std::uint64_t> number_of(const fs::path& file, const fs::path& path) {
  const std::string name = file.filename().string();
  const std::string prefix = path.filename().string() + ".refused-";
  if (!name.starts_with(prefix)) return std::nullopt;
  const std::size_t digits = name.rfind('-') + 1;
  std::uint64_t number{};
  const auto [end, error] = std::from_chars(name.data() + digits, name.data() + name.size(), number);
  if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return number;
}

struct Aside {
  std::uint64_t number;
  fs::path path;
};

// What was set aside of path, oldest first.
std::vector<Aside> set_aside_before(const fs::path& path) {
  std::vector<Aside> found;
  std::error_code ignored;  // a folder that can't be read has nothing to remove
  for (const auto& entry : fs::directory_iterator(path.has_parent_path() ? path.parent_path() : fs::path("."), ignored))
    if (const auto number = number_of(entry.path(), path)) found.push_back({*number, entry.path()});
  std::ranges::sort(found, {}, &Aside::number);
  return found;
}

// Renames file to what path is called when it is set aside. Empty: the system refuses.
fs::path move_aside(const fs::path& file, const fs::path& path, Refusal reason) {
  const std::vector<Aside> before = set_aside_before(path);
  const std::uint64_t number = before.empty() ? 1 : before.back().number + 1;
  std::error_code ignored;  // what can't be removed stays
  if (before.size() >= Store::kKeptAside)
    for (const Aside& old : std::span(before).first(before.size() - Store::kKeptAside + 1))
      fs::remove(old.path, ignored);
  fs::path aside = path;
  aside += ".refused-" + std::string(name(reason)) + "-" + std::to_string(number);
  std::error_code failed;
  fs::rename(file, aside, failed);
  return failed ? fs::path() : aside;
}

fs::path unfinished_name(fs::path path) { return path += ".new"; }

}  // namespace

Result<Store, std::string> Store::make(const fs::path& unfinished, const Layout& layout, const BootId& boot,
                                       const Options& options) {
  const auto header = plan(layout, boot);
  if (!header) return fail(std::string(header.error()));
  auto file = File::open(unfinished, Access::write, File::Make::yes);
  if (!file) return fail("its unfinished file is " + std::string(name(file.error())));
  const auto give_up = [&](const std::string& reason) {
    (void)::unlink(unfinished.c_str());
    return fail(reason);
  };
  if (const std::string reason = make_size(*file, header->octets); !reason.empty()) return give_up(reason);
  auto mapping = Mapping::of(std::move(*file), Access::write, header->octets);
  if (!mapping) return give_up(std::string(name(mapping.error())));
  if (!make_room(*mapping, *header, options.pages)) return give_up("its file system is full");
  DirectStores stores;
  begin_new(mapping->base(), *header, this_writer(options), stores);
  const Region region(mapping->base());
  return Store(std::move(*mapping), region);
}

Result<Store, std::string> Store::create(const fs::path& path, const Layout& layout, const BootId& boot,
                                         const Options& options, const Begin& fill) {
  const auto refuse = [&](const std::string& reason) {
    return fail("can't create the checkpoint " + path.string() + ": " + reason);
  };
  const fs::path unfinished = unfinished_name(path);
  auto store = make(unfinished, layout, boot, options);
  if (!store) return refuse(store.error());
  try {
    if (fill) fill(*store);
  } catch (...) {
    (void)::unlink(unfinished.c_str());
    throw;
  }
  if (::renameat2(AT_FDCWD, unfinished.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) != 0) {
    const int error = errno;
    (void)::unlink(unfinished.c_str());
    return refuse("can't name it" + because(error));
  }
  return store;
}

Result<Store, std::string> Store::replace(const fs::path& path, const Layout& layout, const BootId& boot,
                                          const Fill& fill, Refusal reason, const Options& options) {
  const auto refuse = [&](const std::string& why) {
    return fail("can't replace the checkpoint " + path.string() + ": " + why);
  };
  // Held until the new one has its name: no other process may begin to write the old one.
  const auto lock = File::open(path, Access::write);
  if (!lock) return refuse(std::string(meaning(lock.error())));
  const auto old = read_saved(path);
  if (!old) return refuse(std::string(meaning(old.error())));
  const fs::path unfinished = unfinished_name(path);
  auto store = make(unfinished, layout, boot, options);
  if (!store) return refuse(store.error());
  bool all = false;
  try {
    all = fill(*old, *store);
  } catch (...) {
    (void)::unlink(unfinished.c_str());
    throw;
  }
  // Whoever compares with numbers of before, as the punt ring and the sweep of the dataplane do, finds them going on.
  DirectStores stores;
  Progress& progress = store->region_.progress();
  stores.publish(progress.incarnation, old->incarnation() + 1);
  stores.publish(progress.committed, old->sequence());
  stores.publish(progress.applied, old->sequence());
  // Then the old one is at the other's name. Killed before it is away from there: the next one that is made overwrites
  // it.
  if (::renameat2(AT_FDCWD, unfinished.c_str(), AT_FDCWD, path.c_str(), RENAME_EXCHANGE) != 0) {
    const int error = errno;
    (void)::unlink(unfinished.c_str());
    return refuse("can't name the new one" + because(error));
  }
  if (all)
    (void)::unlink(unfinished.c_str());
  else
    (void)move_aside(unfinished, path, reason);
  return store;
}

fs::path Store::set_aside(const fs::path& path, Refusal reason) {
  // Taken for as long as the renaming lasts: never take a region away from a process that writes it.
  const auto file = File::open(path, Access::write);
  if (!file && (file.error() == Refusal::missing || file.error() == Refusal::in_use)) return {};
  return move_aside(path, path, reason);
}

}  // namespace holdfast::checkpoint
