#include "config/loader.hpp"

#include "config/parser.hpp"

#include <cerrno>
#include <fstream>
#include <system_error>

namespace holdfast::config {
namespace {

constexpr std::size_t kLargestFile = 64u << 20;

Errors whole_file(std::string message) { return {{.message = std::move(message), .excerpt = {}}}; }

}  // namespace

Result<Config, Errors> load(const std::filesystem::path& file) {
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  std::string text;
  for (char chunk[65536]; in && text.size() <= kLargestFile;) {
    in.read(chunk, sizeof chunk);
    text.append(chunk, static_cast<std::size_t>(in.gcount()));
  }
  if (!in.eof()) {
    if (text.size() > kLargestFile) return fail(whole_file("the file is larger than 64 MiB"));
    return fail(whole_file("can't be read: " + std::generic_category().message(errno)));
  }
  return parse(text);
}

}  // namespace holdfast::config
