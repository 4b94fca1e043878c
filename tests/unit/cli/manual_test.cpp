// The manual pages hold the tables of commands and statements as they are. After a change of a table, run this test
// with WRITE_MANUAL=1 in the environment: it writes the pages anew.
#include "cli/command.hpp"
#include "config/statement.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace holdfast::cli {
namespace {

constexpr std::string_view kBegin = ".\\\" table begins\n";
constexpr std::string_view kEnd = ".\\\" table ends\n";

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// roff takes a bare hyphen for a dash.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '-') out += '\\';
    out += c;
  }
  return out;
}

std::string entry(std::string_view syntax, std::string_view help) {
  return ".TP\n.B " + escaped(syntax) + '\n' + escaped(help) + ".\n";
}

std::string command_table() {
  std::string out;
  for (const auto& command : commands()) out += entry(command.syntax, command.help);
  return out;
}

std::string statement_table() {
  struct Section {
    config::Block block;
    const char* heading;
  };
  constexpr Section kSections[] = {{config::Block::global, "Everywhere"},
                                   {config::Block::interface, "In a block of \\(lqinterface\\(rq"},
                                   {config::Block::local_user, "In a block of \\(lqaaa local user\\(rq"},
                                   {config::Block::destination, "In a block of \\(lql2tp destination profile\\(rq"},
                                   {config::Block::host, "In a block of \\(lqremote host\\(rq"},
                                   {config::Block::domain, "In a block of \\(lqaaa domain-map\\(rq"},
                                   {config::Block::domain_tunnel, "In a block of \\(lqtunnel\\(rq"}};
  std::string out;
  for (const auto& [block, heading] : kSections) {
    out += ".SS " + std::string(heading) + '\n';
    for (const auto& statement : config::statements())
      if (statement.block == block) out += entry(statement.syntax, statement.help);
  }
  return out;
}

void expect_table(const std::string& page, const std::string& table) {
  const std::string path = std::string(MANUAL) + '/' + page;
  const std::string text = read_file(path);
  const auto begin = text.find(kBegin);
  const auto end = text.find(kEnd);
  ASSERT_TRUE(begin != std::string::npos && end != std::string::npos && begin < end) << path;
  const auto first = begin + kBegin.size();
  if (std::getenv("WRITE_MANUAL"))
    std::ofstream(path) << text.substr(0, first) << table << text.substr(end);
  else
    EXPECT_EQ(text.substr(first, end - first), table) << path << ": run this test with WRITE_MANUAL=1";
}

TEST(Manual, ListsTheCommands) { expect_table("holdfast.1", command_table()); }
TEST(Manual, ListsTheStatements) { expect_table("holdfast.conf.5", statement_table()); }

}  // namespace
}  // namespace holdfast::cli
