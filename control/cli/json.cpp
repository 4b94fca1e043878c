#include "cli/answer.hpp"
#include "cli/fields.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <type_traits>
#include <utility>

namespace holdfast::cli {
namespace {

// Written straight to text: a list of all sessions as a tree of values would hold up the daemon for half a second.
class Writer {
 public:
  // The document: a line for each key, and for each object of a list.
  template <class Row>
  std::string whole(const Row& row) {
    object(row, "\n  ", "\n");
    return std::move(out_) + '\n';
  }

 private:
  void value(bool flag) { out_ += flag ? "true" : "false"; }
  void value(double number) { out_ += nlohmann::json(number).dump(); }
  template <class Number>
  requires std::is_integral_v<Number>
  void value(Number number) {
    std::array<char, 24> digits;
    out_.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
  }

  void value(const std::string& text) {
    const auto plain = [](char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; };
    if (std::ranges::all_of(text, plain))
      out_.append("\"").append(text).append("\"");
    else
      out_ += nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }

  void value(const Counts& counts) {
    const char* separator = "{";
    for (const auto& [name, count] : counts.list) {
      out_ += std::exchange(separator, ", ");
      value(name);
      out_ += ": ";
      value(count);
    }
    out_ += counts.list.empty() ? "{}" : "}";
  }

  template <class T>
  void value(const std::optional<T>& optional) {
    if (optional)
      value(*optional);
    else
      out_ += "null";
  }

  template <class T>
  void value(const std::vector<T>& list) {
    const bool lines = !std::is_same_v<T, std::string>;
    const char* separator = lines ? "\n    " : "";
    out_ += '[';
    for (const auto& one : list) {
      out_ += std::exchange(separator, lines ? ",\n    " : ", ");
      value(one);
    }
    out_ += lines && !list.empty() ? "\n  ]" : "]";
  }

  template <class Row>
  requires std::is_class_v<Row>
  void value(const Row& row) { object(row, "", ""); }

  template <class Row>
  void object(const Row& row, std::string_view before_key, std::string_view before_end) {
    const char* separator = "{";
    fields(row, [&](const char* key, const auto& member) {
      out_ += std::exchange(separator, before_key.empty() ? ", " : ",");
      out_.append(before_key).append("\"").append(key).append("\": ");
      value(member);
    });
    out_.append(before_end).append("}");
  }

  std::string out_;
};

}  // namespace

std::string json(const Document& document) {
  return std::visit([](const auto& alternative) { return Writer().whole(alternative); }, document);
}

}  // namespace holdfast::cli
