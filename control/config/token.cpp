#include "config/token.hpp"

namespace holdfast::config {
namespace {

constexpr bool is_space(char c) { return c == ' ' || c == '\t'; }
constexpr bool is_control(char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; }

// Reads the word that begins at line[token.at]. Returns what is wrong with it, or nothing.
std::string_view read_word(std::string_view line, Token& token) {
  std::size_t at = token.at;
  bool open = token.quoted;
  for (at += token.quoted ? 1 : 0; at < line.size(); ++at) {
    if (is_control(line[at])) return "control character in this word";
    if (token.quoted) {
      if (line[at] == '"') {
        open = false;
        ++at;
        break;
      }
      if (line[at] == '\\' && at + 1 < line.size()) ++at;
      if (is_control(line[at])) return "control character in this word";
    } else if (is_space(line[at])) {
      break;
    }
    token.text += line[at];
  }
  if (open) return "these quotes are not closed";
  if (at < line.size() && !is_space(line[at])) return "expected a space after the closing quotes";
  token.end = at;
  return {};
}

}  // namespace

Result<std::vector<Token>, BadToken> tokenize(std::string_view line) {
  std::vector<Token> tokens;
  for (std::size_t at = 0;;) {
    while (at < line.size() && is_space(line[at])) ++at;
    if (at == line.size()) return tokens;
    Token token{.text = {}, .at = at, .end = at, .quoted = line[at] == '"'};
    if (const auto wrong = read_word(line, token); !wrong.empty()) return fail(BadToken{at, wrong, std::move(tokens)});
    at = token.end;
    tokens.push_back(std::move(token));
  }
}

std::string word(std::string_view text) {
  const bool plain = !text.empty() && text.find_first_of(" \t\"\\!|?") == std::string_view::npos;
  if (plain) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

}  // namespace holdfast::config
