// Writes octets in network byte order into a buffer of the caller's. A write past the end makes the writer bad for good
// and writes nothing; the encoder asks ok() once.
#pragma once

#include "wire/octets.hpp"

#include <algorithm>
#include <cstdint>

namespace holdfast {

class Writer {
 public:
  explicit constexpr Writer(MutableOctets out) : out_(out) {}

  constexpr bool ok() const { return ok_; }
  constexpr std::size_t size() const { return used_; }
  constexpr Octets written() const { return out_.first(used_); }

  constexpr void u8(std::uint8_t v) { integer(v); }
  constexpr void u16(std::uint16_t v) { integer(v); }
  constexpr void u32(std::uint32_t v) { integer(v); }
  constexpr void u64(std::uint64_t v) { integer(v); }
  constexpr void octets(Octets v) {
    MutableOctets o = room(v.size());
    std::copy_n(v.begin(), o.size(), o.begin());
  }
  // Overwrites two octets written before, e.g. a length that is known only at the end. at + 2 <= size().
  constexpr void patch_u16(std::size_t at, std::uint16_t v) {
    if (!ok_ || at + 2 > used_) {
      ok_ = false;
      return;
    }
    out_[at] = static_cast<std::uint8_t>(v >> 8);
    out_[at + 1] = static_cast<std::uint8_t>(v);
  }

 private:
  template <class Native>
  constexpr void integer(Native v) {
    const MutableOctets o = room(sizeof(Native));
    for (std::size_t i = 0; i < o.size(); ++i) o[i] = static_cast<std::uint8_t>(v >> (8 * (o.size() - 1 - i)));
  }
  constexpr MutableOctets room(std::size_t n) {
    if (!ok_ || n > out_.size() - used_) {
      ok_ = false;
      return {};
    }
    const MutableOctets o = out_.subspan(used_, n);
    used_ += n;
    return o;
  }

  MutableOctets out_;
  std::size_t used_ = 0;
  bool ok_ = true;
};

}  // namespace holdfast
