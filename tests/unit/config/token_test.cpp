#include "config/token.hpp"

#include <gtest/gtest.h>

namespace holdfast::config {
namespace {

TEST(Token, IsSeparatedBySpacesAndTabs) {
  EXPECT_EQ(tokenize("  mtu\t1500 "), (std::vector<Token>{{"mtu", 2, 5, false}, {"1500", 6, 10, false}}));
  EXPECT_EQ(tokenize(" \t "), std::vector<Token>{});
}

TEST(Token, InQuotesMayBeAnyText) {
  EXPECT_EQ(tokenize(R"(password "a b\"c\\d" "")"),
            (std::vector<Token>{{"password", 0, 8, false}, {R"(a b"c\d)", 9, 20, true}, {"", 21, 23, true}}));
  EXPECT_EQ(tokenize(R"(a"b\c)"), (std::vector<Token>{{R"(a"b\c)", 0, 5, false}})) << "special at its beginning only";
}

void expect_bad(std::string_view line, std::size_t at, std::string_view reason, std::size_t words_before) {
  const auto tokens = tokenize(line);
  ASSERT_FALSE(tokens) << line;
  EXPECT_EQ(tokens.error().at, at) << line;
  EXPECT_EQ(tokens.error().reason, reason) << line;
  EXPECT_EQ(tokens.error().before.size(), words_before) << line;
}

TEST(Token, ThatCannotBeReadIsNamedAtItsBeginning) {
  expect_bad(R"(password "abc)", 9, "these quotes are not closed", 1);
  expect_bad(R"(password "abc\")", 9, "these quotes are not closed", 1);
  expect_bad(R"(password "abc\)", 9, "these quotes are not closed", 1);
  expect_bad(R"(password "abc"d)", 9, "expected a space after the closing quotes", 1);
  expect_bad("a b\x1b[2J", 2, "control character in this word", 1);
  expect_bad("a \"b\\\x01\"", 2, "control character in this word", 1);
  expect_bad(std::string_view("\0", 1), 0, "control character in this word", 0);
}

TEST(Word, ReadsBackAsOneToken) {
  for (const std::string text :
       {"plain", "two words", "", "!", "a|b", "?", R"("quoted")", R"(back\slash)", "a\tb", "\xc3\xa9"}) {
    const auto tokens = tokenize(word(text));
    ASSERT_TRUE(tokens) << text;
    ASSERT_EQ(tokens->size(), 1u) << text;
    EXPECT_EQ(tokens->front().text, text);
  }
  EXPECT_EQ(word("ge0"), "ge0");
}

}  // namespace
}  // namespace holdfast::config
