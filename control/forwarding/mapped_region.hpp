// A region of the dataplane's, mapped and checked (abi/region.hpp).
#pragma once

#include "abi/region.hpp"
#include "wire/result.hpp"

#include <cstdint>
#include <string>

namespace holdfast::forwarding {

class MappedRegion {
 public:
  MappedRegion() = default;
  MappedRegion(MappedRegion&& other) noexcept { swap(other); }
  MappedRegion& operator=(MappedRegion&& other) noexcept {
    swap(other);
    return *this;
  }
  MappedRegion(const MappedRegion&) = delete;
  MappedRegion& operator=(const MappedRegion&) = delete;
  ~MappedRegion();

  // The error is a sentence that names the file.
  static Result<MappedRegion, std::string> map(const std::string& path, abi::RegionKind kind, std::uint64_t layout);

  void* data() const { return data_; }
  std::uint64_t size() const { return size_; }
  const abi::RegionHeader& header() const { return *static_cast<const abi::RegionHeader*>(data_); }

 private:
  void swap(MappedRegion& other) noexcept;

  void* data_ = nullptr;
  std::uint64_t size_ = 0;
};

}  // namespace holdfast::forwarding
