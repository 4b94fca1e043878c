#include "config/field.hpp"

namespace holdfast::config {

void read(const Arguments& arguments, std::string& out) { out = arguments.front().text; }
void read(const Arguments& arguments, seconds& out) { out = seconds(arguments.front().number); }
void read(const Arguments& arguments, std::chrono::milliseconds& out) {
  out = std::chrono::milliseconds(arguments.front().number);
}
void read(const Arguments& arguments, IpAddress& out) { out = arguments.front().ip.address; }

void read(const Arguments& arguments, IpPrefix& out) {
  out = arguments.front().ip;
  if (arguments.size() == 2) out.length = arguments[1].ip.length;
}

void read(const Arguments& arguments, PppAuthenticationOrder& out) {
  out.clear();
  for (const auto& argument : arguments)
    if (const auto protocol = from_keyword<PppAuthentication>(argument.text)) out.push_back(*protocol);
}

std::string format(const std::string& value) { return word(value); }
std::string format(seconds value) { return std::to_string(value.count()); }
std::string format(std::chrono::milliseconds value) { return std::to_string(value.count()); }
std::string format(const IpAddress& value) { return to_text(value); }
std::string format(const IpPrefix& value) { return to_text(value); }

std::string format(const PppAuthenticationOrder& value) {
  std::string words;
  for (const auto protocol : value) {
    if (!words.empty()) words += ' ';
    words += keyword(protocol);
  }
  return words.empty() ? "none" : words;
}

}  // namespace holdfast::config
