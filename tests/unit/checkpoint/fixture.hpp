// A folder of its own for each test, and a layout with tables of different kinds.
#pragma once

#include "checkpoint/store.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace holdfast::checkpoint::test {

struct Tunnel {
  std::uint64_t id{};
  std::array<std::uint64_t, 4> more{};
  friend bool operator==(const Tunnel&, const Tunnel&) = default;
};

inline constexpr std::uint16_t kTunnels = 0;
inline constexpr std::uint16_t kSessions = 1;
inline constexpr std::uint16_t kChannels = 2;
inline constexpr std::array<TableSpec, 3> kTables{{
    {"tunnel", sizeof(Tunnel), 16},
    {"session", 264, 100},
    {"channel", 1400, 8},
}};
inline constexpr std::uint64_t kLayoutHash = 0x1234567890abcdef;
inline constexpr Layout kLayout{
    .tables = kTables, .hash = kLayoutHash, .major = 3, .minor = 1, .redo_octets = 16 << 10};
inline constexpr BootId kBoot{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};

inline std::vector<std::uint8_t> bytes(std::size_t size, std::uint8_t first) {
  std::vector<std::uint8_t> out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(first + i);
  return out;
}
inline std::vector<std::uint8_t> to_vector(Octets octets) { return {octets.begin(), octets.end()}; }

class RegionTest : public ::testing::Test {
 protected:
  RegionTest() {
    std::string name = (std::filesystem::temp_directory_path() / "checkpoint-test-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    path_ = folder_ / "region";
  }
  ~RegionTest() override { std::filesystem::remove_all(folder_); }

  Store create() const { return std::move(Store::create(path_, kLayout, kBoot).value()); }
  Result<Store, Refusal> open() const { return Store::open(path_, kLayout, kBoot); }
  std::string contents() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  Refusal refusal() const {
    const auto store = open();
    return store ? Refusal::none : store.error();
  }

  std::filesystem::path folder_;
  std::filesystem::path path_;
};

}  // namespace holdfast::checkpoint::test
