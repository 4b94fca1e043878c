// A checkpoint region from outside: of a running daemon, which is not disturbed, or kept in a file. Nothing is written
// and no lock is taken.
#pragma once

#include "checkpoint/store.hpp"
#include "wire/result.hpp"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace holdfast::cli {

class RegionReader {
 public:
  static Result<RegionReader, checkpoint::Refusal> open(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  const checkpoint::Store& store() const { return store_; }
  // The process that opened it last still writes it: records may change between two looks.
  bool live() const { return live_; }
  // Whether its records are laid out as those of this program: only then is it known what they mean.
  bool known_layout() const;

  enum class Reading : std::uint8_t {
    sound,
    free,
    damaged,  // its octets are not those that were committed
  };
  // One record as it was at one moment; out is resized to the record.
  Reading read(std::uint16_t table, std::uint32_t index, std::vector<std::uint8_t>& out) const;

 private:
  RegionReader(std::filesystem::path path, checkpoint::Store store, bool live)
      : path_(std::move(path)), store_(std::move(store)), live_(live) {}

  std::filesystem::path path_;
  checkpoint::Store store_;
  bool live_;
};

}  // namespace holdfast::cli
