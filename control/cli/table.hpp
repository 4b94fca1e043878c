// A table in plain text: columns as wide as what stands in them, numbers to the right.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace holdfast::cli {

enum class Align : std::uint8_t { left, right };

class Table {
 public:
  struct Column {
    std::string heading;
    Align align = Align::left;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // As many cells as columns. What is not printable is shown as `?`.
  void row(std::vector<std::string> cells);

  // Headings, then rows, two spaces between columns, no spaces at the end of a line.
  std::string text() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// Lines "name  value", the values below one another, indented by two.
class Facts {
 public:
  void add(std::string name, std::string value) { facts_.emplace_back(std::move(name), std::move(value)); }
  std::string text() const;

 private:
  std::vector<std::pair<std::string, std::string>> facts_;
};

}  // namespace holdfast::cli
