// A file, locked while it is written, and mapped into memory; or private memory in its stead.
#pragma once

#include "checkpoint/refusal.hpp"
#include "wire/octets.hpp"
#include "wire/result.hpp"

#include <cstdint>
#include <filesystem>
#include <utility>

namespace holdfast::checkpoint {

enum class Access : std::uint8_t {
  read,
  write,
  copy,  // what is written stays in this process
};

// An open regular file.
class File {
 public:
  enum class Make : std::uint8_t { no, yes };

  // For writing it must belong to this user, with no write permission for others, since the folder may be anybody's;
  // and the exclusive flock on it is taken, which lasts until the last copy of the descriptor is closed, also by kill
  // -9. Refusals: missing, unreadable, not_ours, in_use.
  static Result<File, Refusal> open(const std::filesystem::path& path, Access access, Make make = Make::no);

  File() = default;
  File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  File& operator=(File&& other) noexcept;
  ~File();

  bool is_open() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }

 private:
  explicit File(int descriptor) : descriptor_(descriptor) {}

  int descriptor_ = -1;
};

class Mapping {
 public:
  Mapping() = default;
  // The whole of a file, shared but for Access::copy; too_short when it is less than at_least (not 0), unreadable when
  // the system refuses.
  static Result<Mapping, Refusal> of(File file, Access access, std::size_t at_least);
  // Zeroed memory of this process alone. Aborts when there is none.
  static Mapping in_memory(std::size_t octets);

  Mapping(Mapping&& other) noexcept;
  Mapping& operator=(Mapping&& other) noexcept;
  ~Mapping();

  std::uint8_t* base() const { return base_; }
  Octets octets() const { return {base_, size_}; }
  bool writable() const { return access_ == Access::write; }
  const File& file() const { return file_; }
  // Makes sure of memory behind a part of it (whole pages), so that touching that part later neither faults nor, where
  // the file system is full, kills the process. False when there is not enough.
  [[nodiscard]] bool populate(std::uint64_t offset, std::uint64_t octets) const;

 private:
  Mapping(File file, std::uint8_t* base, std::size_t size, Access access)
      : file_(std::move(file)), base_(base), size_(size), access_(access) {}

  File file_;
  std::uint8_t* base_ = nullptr;
  std::size_t size_ = 0;
  Access access_ = Access::read;
};

}  // namespace holdfast::checkpoint
