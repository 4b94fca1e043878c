// Which statement of which block a line is, given the blocks that are open.
#pragma once

#include "config/statement.hpp"
#include "config/syntax.hpp"
#include "wire/result.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace holdfast::config {

// How a statement can be written.
enum class Form : std::uint8_t { set, no, restore, exit };

struct Found {
  std::size_t depth{};  // of the open block, from 0; those inside it end
  Form form{};
  const Statement* statement;  // null for exit
  Match match;
};

struct NotFound {
  std::size_t depth{};         // of the open block whose statements the line resembles most
  std::string message;         // what is wrong at that word, or in which block it would be right
  std::size_t token{};         // the word; the number of words when more were expected
  bool word_is_safe = true;    // whether that word may be shown: it is surely no secret in the wrong place
  std::vector<bool> secret;    // see Mismatch
  std::optional<Block> opens;  // the block that the line would have opened
};

class Context {
 public:
  Context();

  // open: the global block first. The innermost block that knows the line counts.
  Result<Found, NotFound> resolve(std::span<const Block> open, std::span<const Token> line) const;

 private:
  struct Row {
    Form form;
    const Statement* statement;
  };
  struct Forms {
    std::vector<Row> rows;
    Grammar grammar;
  };
  static Forms forms_of(Block block);
  const Forms& forms(Block block) const { return forms_[static_cast<std::size_t>(block)]; }
  std::optional<NotFound> elsewhere(std::span<const Block> open, std::span<const Token> line) const;
  std::optional<Block> opened_by(Block block, const std::vector<std::size_t>& rows) const;

  std::vector<Forms> forms_;  // by block
};

}  // namespace holdfast::config
