// A region in plain memory that can be copied and compared: what a file would hold at one moment.
#pragma once

#include "checkpoint/begin.hpp"
#include "checkpoint/region.hpp"
#include "checkpoint/stores.hpp"
#include "fixture.hpp"

#include <cstdint>
#include <cstring>
#include <vector>

namespace holdfast::checkpoint::test {

class Image {
 public:
  // Zeros.
  explicit Image(std::size_t octets) : words_(octets / 8) {}
  // A new region.
  explicit Image(const Layout& layout) : Image(plan(layout, kBoot)->octets) {
    DirectStores stores;
    begin_new(data(), *plan(layout, kBoot), {}, stores);
  }
  // A copy of one.
  explicit Image(Octets region) : Image(region.size()) { std::memcpy(data(), region.data(), region.size()); }

  std::uint8_t* data() { return reinterpret_cast<std::uint8_t*>(words_.data()); }
  const std::uint8_t* data() const { return reinterpret_cast<const std::uint8_t*>(words_.data()); }
  Octets octets() const { return {data(), words_.size() * 8}; }
  Region region() { return Region(data()); }
  Progress& progress() { return *reinterpret_cast<Progress*>(data() + sizeof(Header)); }
  const Progress& progress() const { return *reinterpret_cast<const Progress*>(data() + sizeof(Header)); }
  // Whether every octet of every table, slots and records, used and free, is the same.
  bool same_tables(const Image& other) const {
    const std::size_t first = reinterpret_cast<const Header*>(data())->table[0].slots;
    return words_.size() == other.words_.size() &&
           std::memcmp(data() + first, other.data() + first, words_.size() * 8 - first) == 0;
  }

 private:
  std::vector<std::uint64_t> words_;
};

}  // namespace holdfast::checkpoint::test
