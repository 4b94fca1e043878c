#include "cli/units.hpp"

#include "cli/table.hpp"

#include <gtest/gtest.h>

namespace holdfast::cli {
namespace {

TEST(Units, ShowTimesAndQuantities) {
  EXPECT_EQ(utc(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(utc(4102444799), "2099-12-31T23:59:59Z");
  EXPECT_EQ(uptime(std::uint64_t{0}), "00:00:00");
  EXPECT_EQ(uptime(std::uint64_t{86399}), "23:59:59");
  EXPECT_EQ(uptime(std::uint64_t{100 * 86400 + 61}), "100d 00:01:01");
  EXPECT_EQ(uptime(std::nullopt), "-");
  EXPECT_EQ(milliseconds(0.0004), "0.000 ms");
  EXPECT_EQ(counted(1, "octet"), "1 octet");
  EXPECT_EQ(counted(0, "octet"), "0 octets");
}

TEST(Table, IsAsWideAsItsCells) {
  Table table({{"Name"}, {"Count", Align::right}, {"Note"}});
  EXPECT_EQ(table.text(), "Name  Count  Note\n");
  table.row({"a long name", "7", ""});
  table.row({"b", "1000000", "x"});
  EXPECT_EQ(table.text(),
            "Name           Count  Note\n"
            "a long name        7\n"
            "b            1000000  x\n");
}

}  // namespace
}  // namespace holdfast::cli
