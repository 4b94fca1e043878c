// Records in plain memory: what the checkpoint costs is the difference to this.
#pragma once

#include "checkpoint/records.hpp"
#include "engine/step.hpp"

#include <cstring>
#include <span>
#include <vector>

namespace holdfast::bench {

class PlainRecords final : public Records {
 public:
  struct Shape {
    std::size_t octets;
    std::uint32_t capacity;
  };
  explicit PlainRecords(std::span<const Shape> shapes) {
    for (const Shape& shape : shapes)
      tables_.push_back({shape.octets, std::vector<std::uint8_t>(shape.octets * shape.capacity),
                         std::vector<std::uint8_t>(shape.capacity)});
  }

  Octets record(Table table, std::uint32_t index) const override {
    const One& t = tables_[static_cast<std::size_t>(table)];
    if (index >= t.used.size() || t.used[index] == 0) return {};
    return Octets(t.octets).subspan(index * t.record_octets, t.record_octets);
  }
  void for_each(Table table, void* context, void (*visit)(void* context, std::uint32_t index)) const override {
    const One& t = tables_[static_cast<std::size_t>(table)];
    for (std::uint32_t i = 0; i < t.used.size(); ++i)
      if (t.used[i] != 0) visit(context, i);
  }
  void apply(const engine::RecordChange& change) {
    One& t = tables_[static_cast<std::size_t>(change.table)];
    t.used[change.index] = change.bytes.empty() ? 0 : 1;
    if (!change.bytes.empty())
      std::memcpy(t.octets.data() + change.index * t.record_octets, change.bytes.data(), change.bytes.size());
  }

 private:
  struct One {
    std::size_t record_octets;
    std::vector<std::uint8_t> octets;
    std::vector<std::uint8_t> used;
  };
  std::vector<One> tables_;
};

}  // namespace holdfast::bench
