#include "config/context.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace holdfast::config {
namespace {

constexpr std::array kBlocks{Block::global, Block::interface, Block::local_user,   Block::destination,
                             Block::host,   Block::domain,    Block::domain_tunnel};

// "remote host": how an operator opens the block.
std::string_view opener(Block block) {
  for (const auto& statement : statements())
    if (statement.opens == block) return head(statement.syntax);
  return {};
}

void add_new(std::vector<std::string>& list, const std::vector<std::string>& more) {
  for (const auto& one : more)
    if (std::ranges::find(list, one) == list.end()) list.push_back(one);
}

// Insertions, deletions and replacements of letters that make one of the other.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const auto replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({replaced, row[j] + 1, row[j - 1] + 1}));
    }
  }
  return row.back();
}

// A misspelt keyword. Anything else at the beginning of a line may be a password that got there by a line break.
bool is_misspelt(std::string_view word, const std::vector<std::string>& keywords) {
  constexpr std::size_t kLongestKeyword = 16;
  if (word.size() < 3 || word.size() > kLongestKeyword) return false;
  return std::ranges::any_of(keywords, [&](const auto& keyword) { return distance(word, keyword) <= 2; });
}

bool word_is_safe(const Mismatch& mismatch, std::span<const Token> line) {
  switch (mismatch.reason) {
    case Mismatch::Reason::surplus: return false;
    case Mismatch::Reason::ambiguous:
    case Mismatch::Reason::incomplete: return true;
    case Mismatch::Reason::unexpected: break;
  }
  return mismatch.token > 0 || is_misspelt(line[0].text, mismatch.possible);
}

}  // namespace

Context::Context() {
  for (const auto block : kBlocks) forms_.push_back(forms_of(block));
}

Context::Forms Context::forms_of(Block block) {
  std::vector<Row> rows;
  std::vector<std::string> syntaxes;
  const auto add = [&](Form form, const Statement* statement, std::string syntax) {
    rows.push_back({form, statement});
    syntaxes.push_back(std::move(syntax));
  };
  for (const auto& s : statements())
    if (s.block == block) add(Form::set, &s, std::string(s.syntax));
  for (const auto& s : statements()) {
    if (s.block != block || s.undo.empty()) continue;
    add(Form::no, &s, "no " + std::string(s.undo));
    add(Form::restore, &s, "default " + std::string(s.undo));
  }
  add(Form::exit, nullptr, "exit");
  return {std::move(rows), Grammar(std::move(syntaxes))};
}

Result<Found, NotFound> Context::resolve(std::span<const Block> open, std::span<const Token> line) const {
  Mismatch nearest;
  std::size_t nearest_depth = open.size() - 1;
  for (std::size_t depth = open.size(); depth-- > 0;) {
    auto matched = forms(open[depth]).grammar.match(line);
    if (matched) {
      const auto [form, statement] = forms(open[depth]).rows[matched->row];
      return Found{depth, form, statement, std::move(*matched)};
    }
    auto& mismatch = matched.error();
    const bool first = depth + 1 == open.size();
    if (!first && mismatch.token == nearest.token && mismatch.token == 0) add_new(nearest.possible, mismatch.possible);
    if (!first && mismatch.token <= nearest.token) continue;
    nearest = std::move(mismatch);
    nearest_depth = depth;
  }
  if (auto other = elsewhere(open, line)) return fail(std::move(*other));
  return fail(NotFound{.depth = nearest_depth,
                       .message = nearest.message(),
                       .token = nearest.token,
                       .word_is_safe = word_is_safe(nearest, line),
                       .secret = nearest.secret,
                       .opens = nearest.token == 0 ? std::nullopt : opened_by(open[nearest_depth], nearest.rows)});
}

// A whole statement, but of a block that is not open.
std::optional<NotFound> Context::elsewhere(std::span<const Block> open, std::span<const Token> line) const {
  for (const auto block : kBlocks) {
    const auto matched = forms(block).grammar.match(line);
    if (!matched) continue;
    const Statement* statement = forms(block).rows[matched->row].statement;
    return NotFound{
        .depth = open.size() - 1,
        .message = "this belongs into a block of \"" + std::string(opener(block)) + "\", and none is open here",
        .token = 0,
        .secret = matched->secret,
        .opens = statement ? statement->opens : std::nullopt};
  }
  return std::nullopt;
}

// The one block that all these rows would open.
std::optional<Block> Context::opened_by(Block block, const std::vector<std::size_t>& rows) const {
  std::optional<Block> opens;
  for (const auto row : rows) {
    const auto [form, statement] = forms(block).rows[row];
    if (form != Form::set || !statement->opens || (opens && opens != statement->opens)) return std::nullopt;
    opens = statement->opens;
  }
  return opens;
}

}  // namespace holdfast::config
