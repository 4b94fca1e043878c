// A large zeroed array whose pages come into being when they are first written: tables are sized for the worst case and
// cost what is used. At start only; throws std::bad_alloc.
#pragma once

#include <cstddef>
#include <new>
#include <sys/mman.h>
#include <utility>

namespace holdfast::tables {

template <class T>
class SparseArray {
 public:
  SparseArray() = default;
  explicit SparseArray(std::size_t count) : octets_(count * sizeof(T)), count_(count) {
    void* memory = ::mmap(nullptr, octets_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    ::madvise(memory, octets_, MADV_HUGEPAGE);  // fewer TLB misses where the kernel can; harmless where it can't
    data_ = static_cast<T*>(memory);
  }
  SparseArray(SparseArray&& other) noexcept { *this = std::move(other); }
  SparseArray& operator=(SparseArray&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(octets_, other.octets_);
    std::swap(count_, other.count_);
    return *this;
  }
  ~SparseArray() {
    if (data_ != nullptr) ::munmap(data_, octets_);
  }

  T* data() const { return data_; }
  std::size_t size() const { return count_; }
  T& operator[](std::size_t i) const { return data_[i]; }

 private:
  T* data_ = nullptr;
  std::size_t octets_ = 0;
  std::size_t count_ = 0;
};

}  // namespace holdfast::tables
