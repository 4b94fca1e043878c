#include "config/pppoe.hpp"

#include "config/printer.hpp"
#include "config/token.hpp"

#include <algorithm>

namespace holdfast::config {
namespace {

VlanRange range_of(const Argument& argument) {
  return {static_cast<std::uint16_t>(argument.number), static_cast<std::uint16_t>(argument.last)};
}

PppoeAccess::Qinq qinq_of(const Arguments& arguments) {
  return {.outer = range_of(arguments.front()), .inner = range_of(arguments.back())};
}

std::string format(const VlanRange& range) {
  const std::string first = std::to_string(range.first);
  return range.first == range.last ? first : first + '-' + std::to_string(range.last);
}

// What is wrong with a statement about subscribers of this interface, whatever it sets.
Complaint complaint(const Scope& scope, const Arguments& arguments) {
  if (std::get<Interface*>(scope)->name == kLoopback) return "no subscriber can call at the loopback";
  for (const auto& argument : arguments)
    if (argument.kind == Kind::vlan_range && argument.last < argument.number)
      return "the last VLAN of the range is below the first";
  return std::nullopt;
}

template <class Change>
Complaint set(Scope& scope, const Arguments& arguments, Change change) {
  if (auto wrong = complaint(scope, arguments)) return wrong;
  auto& access = std::get<Interface*>(scope)->pppoe;
  if (!access) access.emplace();
  change(*access);
  return std::nullopt;
}

template <class Change>
Complaint reset(Scope& scope, Change change) {
  auto& access = std::get<Interface*>(scope)->pppoe;
  if (!access) return std::nullopt;
  change(*access);
  if (*access == PppoeAccess{}) access.reset();
  return std::nullopt;
}

PppoeAccess access_of(const View& view) { return std::get<const Interface*>(view)->pppoe.value_or(PppoeAccess{}); }

std::string words(const Statement& statement, const std::string& value) {
  return std::string(head(statement.syntax)) + ' ' + value;
}

}  // namespace

std::string vlan_ranges(const Arguments& arguments) {
  std::string text;
  for (const auto& argument : arguments) {
    if (!text.empty()) text += ' ';
    text += format(range_of(argument));
  }
  return text;
}

Complaint serve_untagged(Scope& scope, const Arguments& arguments) {
  return set(scope, arguments, [](PppoeAccess& access) { access.untagged = true; });
}
Complaint serve_vlans(Scope& scope, const Arguments& arguments) {
  return set(scope, arguments, [&](PppoeAccess& access) { access.vlans.push_back(range_of(arguments.front())); });
}
Complaint serve_qinq(Scope& scope, const Arguments& arguments) {
  return set(scope, arguments, [&](PppoeAccess& access) { access.qinq.push_back(qinq_of(arguments)); });
}
Complaint set_max_circuits(Scope& scope, const Arguments& arguments) {
  return set(scope, arguments,
             [&](PppoeAccess& access) { access.max_sessions = static_cast<std::uint32_t>(arguments.front().number); });
}

Complaint stop_untagged(Scope& scope, const Arguments&) {
  return reset(scope, [](PppoeAccess& access) { access.untagged = false; });
}
Complaint stop_vlans(Scope& scope, const Arguments& arguments) {
  return reset(scope, [&](PppoeAccess& access) { std::erase(access.vlans, range_of(arguments.front())); });
}
Complaint stop_qinq(Scope& scope, const Arguments& arguments) {
  return reset(scope, [&](PppoeAccess& access) { std::erase(access.qinq, qinq_of(arguments)); });
}
Complaint reset_max_circuits(Scope& scope, const Arguments&) {
  return reset(scope, [](PppoeAccess& access) { access.max_sessions = 0; });
}

void print_untagged(Printer& printer, const Statement& statement, const View& view) {
  if (access_of(view).untagged) printer.line(statement.syntax);
}
void print_vlans(Printer& printer, const Statement& statement, const View& view) {
  const PppoeAccess access = access_of(view);
  for (const auto& range : access.vlans) printer.line(words(statement, format(range)));
}
void print_qinq(Printer& printer, const Statement& statement, const View& view) {
  const PppoeAccess access = access_of(view);
  for (const auto& [outer, inner] : access.qinq) printer.line(words(statement, format(outer) + ' ' + format(inner)));
}
void print_max_circuits(Printer& printer, const Statement& statement, const View& view) {
  if (const auto limit = access_of(view).max_sessions) printer.line(words(statement, std::to_string(limit)));
}

Complaint add_service(Scope& scope, const Arguments& arguments) {
  std::get<Config*>(scope)->pppoe.services.push_back(arguments.front().text);
  return std::nullopt;
}
Complaint remove_service(Scope& scope, const Arguments& arguments) {
  std::erase(std::get<Config*>(scope)->pppoe.services, arguments.front().text);
  return std::nullopt;
}
void print_services(Printer& printer, const Statement& statement, const View& view) {
  for (const auto& service : std::get<const Config*>(view)->pppoe.services)
    printer.line(words(statement, word(service)));
}

}  // namespace holdfast::config
