#include "forwarding/mapped_region.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace holdfast::forwarding {

MappedRegion::~MappedRegion() {
  if (data_ != nullptr) ::munmap(data_, size_);
}

void MappedRegion::swap(MappedRegion& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
}

Result<MappedRegion, std::string> MappedRegion::map(const std::string& path, abi::RegionKind kind,
                                                    std::uint64_t layout) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) return fail(path + ": " + std::strerror(errno));
  struct stat status {};
  MappedRegion region;
  if (::fstat(fd, &status) == 0 && status.st_size > 0) {
    void* data = ::mmap(nullptr, static_cast<std::size_t>(status.st_size), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (data != MAP_FAILED) {
      region.data_ = data;
      region.size_ = static_cast<std::uint64_t>(status.st_size);
    }
  }
  ::close(fd);
  if (region.data_ == nullptr) return fail(path + ": cannot be mapped");
  const auto refusal = abi::check(region.data_, region.size_, kind, layout);
  if (refusal != abi::RegionRefusal::none) return fail(path + ": " + std::string(abi::name(refusal)));
  return region;
}

}  // namespace holdfast::forwarding
