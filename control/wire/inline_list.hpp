// A list of bounded length in place: no allocation, and a full list is an answer, not an exception.
#pragma once

#include <array>
#include <cstddef>
#include <utility>

namespace holdfast {

template <class T, std::size_t Capacity>
class InlineList {
 public:
  // False, and unchanged, when full.
  [[nodiscard]] constexpr bool push(T value) {
    if (size_ == Capacity) return false;
    items_[size_++] = std::move(value);
    return true;
  }
  constexpr void clear() { size_ = 0; }
  constexpr std::size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr bool full() const { return size_ == Capacity; }
  static constexpr std::size_t capacity() { return Capacity; }
  constexpr T& operator[](std::size_t i) { return items_[i]; }
  constexpr const T& operator[](std::size_t i) const { return items_[i]; }
  constexpr T* begin() { return items_.data(); }
  constexpr T* end() { return items_.data() + size_; }
  constexpr const T* begin() const { return items_.data(); }
  constexpr const T* end() const { return items_.data() + size_; }
  friend constexpr bool operator==(const InlineList& a, const InlineList& b) {
    if (a.size_ != b.size_) return false;
    for (std::size_t i = 0; i < a.size_; ++i)
      if (!(a.items_[i] == b.items_[i])) return false;
    return true;
  }

 private:
  std::array<T, Capacity> items_{};
  std::size_t size_{};
};

}  // namespace holdfast
