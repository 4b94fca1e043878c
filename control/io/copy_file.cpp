#include "io/copy_file.hpp"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace holdfast::io {
namespace {

namespace fs = std::filesystem;

std::string failed(const fs::path& path, const char* what, int error) {
  return path.string() + ": " + what + ": " + std::generic_category().message(error);
}

// A new name is on the disk when its directory is.
int sync_directory(const fs::path& directory) {
  const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return errno;
  const int error = ::fsync(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);
  return error;
}

}  // namespace

Result<CopyFile, std::string> CopyFile::create(const fs::path& path) {
  std::error_code error;
  if (fs::create_directory(path.parent_path(), error); error)
    return fail(failed(path.parent_path(), "can't be made", error.value()));
  auto file = checkpoint::File::open(path, checkpoint::Access::write, checkpoint::File::Make::yes);
  if (!file) return fail(path.string() + " can't be written: " + std::string(meaning(file.error())));
  if (::ftruncate(file->descriptor(), 0) != 0) return fail(failed(path, "can't be emptied", errno));
  return CopyFile(path, std::move(*file));
}

CopyFile::Done CopyFile::append(Octets octets) {
  while (!octets.empty()) {
    const ssize_t written = ::pwrite(file_.descriptor(), octets.data(), octets.size(), static_cast<off_t>(octets_));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return fail(failed(path_, "can't be written", written < 0 ? errno : ENOSPC));
    octets = octets.subspan(static_cast<std::size_t>(written));
    octets_ += static_cast<std::uint64_t>(written);
  }
  return {};
}

CopyFile::Done CopyFile::sync() {
  if (::fdatasync(file_.descriptor()) != 0) return fail(failed(path_, "can't be written", errno));
  struct stat ours {};
  struct stat named {};
  const bool there = ::fstat(file_.descriptor(), &ours) == 0 && ::stat(path_.c_str(), &named) == 0 &&
                     ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
  if (!there) return fail(path_.string() + " was removed");
  return {};
}

CopyFile::Done CopyFile::rename(const fs::path& path) {
  if (::rename(path_.c_str(), path.c_str()) != 0) return fail(failed(path, "can't be named", errno));
  path_ = path;
  if (const int error = sync_directory(path.parent_path()); error != 0)
    return fail(failed(path.parent_path(), "can't be written", error));
  return {};
}

void CopyFile::remove() const { (void)::unlink(path_.c_str()); }

}  // namespace holdfast::io
