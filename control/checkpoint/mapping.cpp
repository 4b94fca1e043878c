#include "checkpoint/mapping.hpp"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace holdfast::checkpoint {

File& File::operator=(File&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

File::~File() {
  if (is_open()) ::close(descriptor_);
}

Result<File, Refusal> File::open(const std::filesystem::path& path, Access access, Make make) {
  const int flags = (access == Access::write ? O_RDWR : O_RDONLY) | (make == Make::yes ? O_CREAT : 0);
  File file(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
  if (!file.is_open()) return fail(errno == ENOENT ? Refusal::missing : Refusal::unreadable);
  struct stat status {};
  if (::fstat(file.descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) return fail(Refusal::unreadable);
  if (access != Access::write) return file;
  if (status.st_uid != ::geteuid() || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0) return fail(Refusal::not_ours);
  if (::flock(file.descriptor_, LOCK_EX | LOCK_NB) != 0)
    return fail(errno == EWOULDBLOCK ? Refusal::in_use : Refusal::unreadable);
  struct stat named {};
  const bool still_there =
      ::stat(path.c_str(), &named) == 0 && named.st_dev == status.st_dev && named.st_ino == status.st_ino;
  if (!still_there) return fail(Refusal::missing);
  return file;
}

Result<Mapping, Refusal> Mapping::of(File file, Access access, std::size_t at_least) {
  struct stat status {};
  if (::fstat(file.descriptor(), &status) != 0) return fail(Refusal::unreadable);
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size < at_least) return fail(Refusal::too_short);
  const int protection = PROT_READ | (access != Access::read ? PROT_WRITE : 0);
  const int sharing = access == Access::copy ? MAP_PRIVATE | MAP_NORESERVE : MAP_SHARED;
  void* const base = ::mmap(nullptr, size, protection, sharing, file.descriptor(), 0);
  if (base == MAP_FAILED) return fail(Refusal::unreadable);
  return Mapping(std::move(file), static_cast<std::uint8_t*>(base), size, access);
}

Mapping Mapping::in_memory(std::size_t octets) {
  void* const base =
      ::mmap(nullptr, octets, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED) std::abort();
  return Mapping({}, static_cast<std::uint8_t*>(base), octets, Access::write);
}

Mapping::Mapping(Mapping&& other) noexcept
    : file_(std::move(other.file_)),
      base_(std::exchange(other.base_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      access_(other.access_) {}

Mapping& Mapping::operator=(Mapping&& other) noexcept {
  file_ = std::move(other.file_);
  std::swap(base_, other.base_);
  std::swap(size_, other.size_);
  std::swap(access_, other.access_);
  return *this;
}

Mapping::~Mapping() {
  if (base_ != nullptr) ::munmap(base_, size_);
}

bool Mapping::populate(std::uint64_t offset, std::uint64_t octets) const {
  if (::madvise(base_ + offset, octets, MADV_POPULATE_WRITE) == 0) return true;
  if (errno != EINVAL) return false;
  // Linux before 5.14: the page faults remain.
  if (!file_.is_open()) return true;
  const bool taken = ::fallocate(file_.descriptor(), 0, static_cast<off_t>(offset), static_cast<off_t>(octets)) == 0;
  return taken || errno == EOPNOTSUPP;
}

}  // namespace holdfast::checkpoint
