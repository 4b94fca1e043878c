#include "config/syntax.hpp"

#include "config/expand.hpp"

#include <algorithm>

namespace holdfast::config {
namespace {

void add_once(std::vector<std::string>& list, std::string text) {
  if (std::ranges::find(list, text) == list.end()) list.push_back(std::move(text));
}

bool abbreviates(const Token& token, const Element& element) {
  return element.kind == Kind::keyword && !token.quoted && !token.text.empty() && element.label.starts_with(token.text);
}

constexpr std::string_view kEndOfLine = "<cr>";

}  // namespace

std::string Element::display() const {
  if (kind == Kind::keyword) return std::string(label);
  std::string text = "<";
  text.append(inside).append(">");
  const bool range_is_shown = inside.find_first_of("0123456789") != std::string_view::npos;
  if (kind == Kind::number && !range_is_shown) text += " (" + std::to_string(low) + '-' + std::to_string(high) + ')';
  if (kind == Kind::vlan_range) text += " (1-4094, or two as in 100-199)";
  return text;
}

const Argument* Arguments::find(std::string_view label) const {
  const auto found = std::ranges::find(*this, label, &Argument::label);
  return found == end() ? nullptr : &*found;
}

std::string Mismatch::message() const {
  std::string list;
  for (const auto& one : possible)
    list += (list.empty() ? "" : ", ") + (one == kEndOfLine ? "the end of the line" : one);
  if (reason == Reason::ambiguous) return "ambiguous: could be " + list;
  if (reason == Reason::surplus) return "expected the end of the line";
  return (possible.size() == 1 ? "expected " : "expected one of: ") + list;
}

bool Grammar::Pattern::has_secret() const { return std::ranges::count(elements, Kind::secret, &Element::kind) > 0; }

Grammar::Grammar(std::vector<std::string> syntaxes)
    : syntaxes_(std::make_unique<const std::vector<std::string>>(std::move(syntaxes))) {
  for (std::size_t row = 0; row < syntaxes_->size(); ++row)
    for (auto& sequence : expand((*syntaxes_)[row])) patterns_.push_back({row, std::move(sequence)});
}

// Those of alive whose i-th place takes the word, by the strongest claim: keyword, value, abbreviation.
Grammar::Taken Grammar::takers(const Alive& alive, std::size_t i, const Token& token) {
  const auto keep = [&](auto&& condition) {
    Alive kept;
    for (const Pattern* pattern : alive)
      if (pattern->elements.size() > i && condition(pattern->elements[i])) kept.push_back(pattern);
    return kept;
  };
  Taken taken;
  taken.alive = keep([&](const Element& e) { return e.kind == Kind::keyword && takes(e, token); });
  if (taken.alive.empty())
    taken.alive = keep([&](const Element& e) { return e.kind != Kind::keyword && takes(e, token); });
  if (taken.alive.empty()) {
    taken.alive = keep([&](const Element& e) { return abbreviates(token, e); });
    taken.abbreviated = true;
  }
  return taken;
}

// What stands at the i-th place of these; those that end there contribute the end of the line.
std::vector<std::string> Grammar::places(const Alive& alive, std::size_t i) {
  std::vector<std::string> list;
  for (const Pattern* pattern : alive)
    if (pattern->elements.size() > i) add_once(list, pattern->elements[i].display());
  for (const Pattern* pattern : alive)
    if (pattern->elements.size() == i) add_once(list, std::string(kEndOfLine));
  return list;
}

std::vector<std::size_t> Grammar::rows(const Alive& alive) {
  std::vector<std::size_t> list;
  for (const Pattern* pattern : alive)
    if (list.empty() || list.back() != pattern->row) list.push_back(pattern->row);
  return list;
}

Mismatch Grammar::mismatch(Mismatch::Reason reason, const Alive& alive, std::vector<bool> secret) {
  const std::size_t i = secret.size();
  return {.reason = reason, .token = i, .possible = places(alive, i), .rows = rows(alive), .secret = std::move(secret)};
}

// The patterns that begin with the words of line, or the word at which none is left.
Result<Grammar::Narrowed, Mismatch> Grammar::narrow(std::span<const Token> line) const {
  using enum Mismatch::Reason;
  Narrowed so_far;
  for (const auto& pattern : patterns_) so_far.alive.push_back(&pattern);

  for (std::size_t i = 0; i < line.size(); ++i) {
    Taken taken = takers(so_far.alive, i, line[i]);
    const bool ambiguous = taken.abbreviated && places(taken.alive, i).size() > 1;
    if (taken.alive.empty() || ambiguous) {
      const bool over = std::ranges::all_of(so_far.alive, [&](const Pattern* p) { return p->elements.size() == i; });
      auto wrong = mismatch(ambiguous ? Mismatch::Reason::ambiguous
                            : over    ? surplus
                                      : unexpected,
                            ambiguous ? taken.alive : so_far.alive, so_far.secret);
      // Where the line could hold a secret, a wrong word may be it: the keyword before was mistyped, or it has a space.
      wrong.secret.push_back(i > 0 && std::ranges::any_of(so_far.alive, &Pattern::has_secret));
      return fail(std::move(wrong));
    }
    so_far.secret.push_back(
        std::ranges::any_of(taken.alive, [&](const Pattern* p) { return p->elements[i].kind == Kind::secret; }));
    so_far.alive = std::move(taken.alive);
  }
  return so_far;
}

Result<Match, Mismatch> Grammar::match(std::span<const Token> line) const {
  auto narrowed = narrow(line);
  if (!narrowed) return fail(std::move(narrowed.error()));
  const auto& alive = narrowed->alive;
  const auto whole = std::ranges::find(alive, line.size(), [](const Pattern* p) { return p->elements.size(); });
  if (whole == alive.end()) return fail(mismatch(Mismatch::Reason::incomplete, alive, std::move(narrowed->secret)));

  Match match{.row = (*whole)->row, .arguments = {}};
  for (std::size_t i = 0; i < line.size(); ++i) {
    const Element& element = (*whole)->elements[i];
    if (element.kind != Kind::keyword || element.choice) match.arguments.push_back(argument(element, line[i]));
  }
  match.secret = std::move(narrowed->secret);
  return match;
}

Grammar::Next Grammar::after(std::span<const Token> words) const {
  const auto narrowed = narrow(words);
  if (!narrowed) return {};
  return {.possible = places(narrowed->alive, words.size()), .rows = rows(narrowed->alive)};
}

}  // namespace holdfast::config
