// A file that is appended to and may vanish or refuse at any time. Errors are sentences for the operator.
#pragma once

#include "checkpoint/mapping.hpp"
#include "wire/octets.hpp"
#include "wire/result.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace holdfast::io {

class CopyFile {
 public:
  using Done = Result<void, std::string>;

  // Empty, for this user alone, locked against other writers; makes the directory, too, where that is missing.
  static Result<CopyFile, std::string> create(const std::filesystem::path& path);

  Done append(Octets octets);
  // What was appended is on the disk, and the file still has its name.
  Done sync();
  // In the place of whatever has that name, for good.
  Done rename(const std::filesystem::path& path);
  void remove() const;

  std::uint64_t octets() const { return octets_; }

 private:
  CopyFile(std::filesystem::path path, checkpoint::File file) : path_(std::move(path)), file_(std::move(file)) {}

  std::filesystem::path path_;
  checkpoint::File file_;
  std::uint64_t octets_ = 0;
};

}  // namespace holdfast::io
