#include "cli/region_reader.hpp"

#include "checkpoint/records.hpp"

#include <fstream>
#include <string>
#include <sys/stat.h>

namespace holdfast::cli {
namespace {

namespace fs = std::filesystem;

// Whether the process holds the writer's lock on this very file. False too where we may not look into it; the lock
// itself is not tried, since a daemon that starts just then would find it taken.
bool writes(std::uint64_t pid, const fs::path& path) {
  struct stat wanted {};
  if (::stat(path.c_str(), &wanted) != 0) return false;
  const fs::path process = "/proc/" + std::to_string(pid);
  std::error_code error;
  for (fs::directory_iterator at(process / "fd", error), end; !error && at != end; at.increment(error)) {
    struct stat found {};
    if (::stat(at->path().c_str(), &found) != 0 || found.st_dev != wanted.st_dev || found.st_ino != wanted.st_ino)
      continue;
    std::ifstream about(process / "fdinfo" / at->path().filename());
    for (std::string line; std::getline(about, line);)
      if (line.starts_with("lock:") && line.find("FLOCK") != std::string::npos) return true;
  }
  return false;
}

}  // namespace

Result<RegionReader, checkpoint::Refusal> RegionReader::open(const fs::path& path) {
  auto store = checkpoint::Store::inspect(path);
  if (!store) return fail(store.error());
  const bool live = writes(store->progress().writer_pid, path);
  if (!live) store = checkpoint::Store::read_saved(path);
  if (!store) return fail(store.error());
  return RegionReader(path, std::move(*store), live);
}

bool RegionReader::known_layout() const { return store_.header().layout_hash == kRecordsLayout; }

RegionReader::Reading RegionReader::read(std::uint16_t table, std::uint32_t index,
                                         std::vector<std::uint8_t>& out) const {
  out.resize(store_.tables()[table].record_octets);
  if (store_.copy(table, index, out)) return Reading::sound;
  return store_.used(table, index) ? Reading::damaged : Reading::free;
}

}  // namespace holdfast::cli
