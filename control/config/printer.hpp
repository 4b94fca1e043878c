// Collects printed statements, indented by block.
#pragma once

#include "config/statement.hpp"

#include <string>
#include <string_view>

namespace holdfast::config {

enum class Secrets : std::uint8_t { hidden, shown };

class Printer {
 public:
  explicit Printer(Secrets secrets) : secrets_(secrets) {}

  void line(std::string_view text);
  // A statement whose value is a secret; when secrets are hidden, a comment that says so and that no parser takes for a
  // password: `! password ******** (hidden)`.
  void secret(std::string_view head, std::string_view value);
  // What belongs into the block of the statement printed last, and the `!` that ends it.
  void block(Block block, const View& objects);
  // The statements of one block.
  void body(Block block, const View& objects);

  std::string take() { return std::move(text_); }

 private:
  std::string text_;
  unsigned depth_ = 0;
  Secrets secrets_;
};

}  // namespace holdfast::config
