#include "cli/table.hpp"

#include "config/printable.hpp"

#include <algorithm>

namespace holdfast::cli {

void Table::row(std::vector<std::string> cells) {
  for (auto& cell : cells) cell = config::printable(cell);
  cells.resize(columns_.size());
  rows_.push_back(std::move(cells));
}

std::string Table::text() const {
  std::vector<std::size_t> widths;
  for (const auto& column : columns_) widths.push_back(column.heading.size());
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());

  std::string out;
  const auto add = [&](std::size_t i, const std::string& cell) {
    const std::size_t fill = widths[i] - cell.size();
    if (i > 0) out += "  ";
    if (columns_[i].align == Align::right) out.append(fill, ' ');
    out += cell;
    if (columns_[i].align == Align::left) out.append(fill, ' ');
  };
  const auto end_line = [&] {
    while (out.ends_with(' ')) out.pop_back();
    out += '\n';
  };
  for (std::size_t i = 0; i < columns_.size(); ++i) add(i, columns_[i].heading);
  end_line();
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) add(i, row[i]);
    end_line();
  }
  return out;
}

std::string Facts::text() const {
  std::size_t width = 0;
  for (const auto& [name, value] : facts_) width = std::max(width, name.size());
  std::string out;
  for (const auto& [name, value] : facts_)
    out += "  " + name + std::string(width - name.size() + 2, ' ') + config::printable(value) + '\n';
  return out;
}

}  // namespace holdfast::cli
