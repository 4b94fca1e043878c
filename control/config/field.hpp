// Rows for statements that set one value: the value's place in the model is a path of member pointers, and setting it,
// restoring its default and printing it follow from its type.
#pragma once

#include "config/address_text.hpp"
#include "config/keyword.hpp"
#include "config/printer.hpp"
#include "config/statement.hpp"

#include <concepts>
#include <string>
#include <string_view>

namespace holdfast::config {

// From the arguments of a statement. The syntax has checked their kinds and ranges.
void read(const Arguments& arguments, std::string& out);
void read(const Arguments& arguments, seconds& out);
void read(const Arguments& arguments, std::chrono::milliseconds& out);
void read(const Arguments& arguments, IpAddress& out);
void read(const Arguments& arguments, IpPrefix& out);  // one argument with a length, or an address and a mask
void read(const Arguments& arguments, PppAuthenticationOrder& out);
template <std::unsigned_integral Number>
void read(const Arguments& arguments, Number& out) {
  out = static_cast<Number>(arguments.front().number);
}
template <class Choice>
requires std::is_enum_v<Choice>
void read(const Arguments& arguments, Choice& out) { out = from_keyword<Choice>(arguments.front().text).value(); }
template <class T>
void read(const Arguments& arguments, std::optional<T>& out) {
  read(arguments, out.emplace());
}

// The words that read() takes back.
std::string format(const std::string& value);
std::string format(seconds value);
std::string format(std::chrono::milliseconds value);
std::string format(const IpAddress& value);
std::string format(const IpPrefix& value);
std::string format(const PppAuthenticationOrder& value);
std::string format(std::unsigned_integral auto value) { return std::to_string(value); }
template <class Choice>
requires std::is_enum_v<Choice> std::string format(Choice value) { return std::string(keyword(value)); }
template <class T>
std::string format(const std::optional<T>& value) {
  return format(value.value());
}

template <class Object>
inline constexpr Block kBlockOf = Block::global;
template <>
inline constexpr Block kBlockOf<Interface> = Block::interface;
template <>
inline constexpr Block kBlockOf<LocalUser> = Block::local_user;
template <>
inline constexpr Block kBlockOf<DestinationProfile> = Block::destination;
template <>
inline constexpr Block kBlockOf<HostProfile> = Block::host;
template <>
inline constexpr Block kBlockOf<DomainMap> = Block::domain;
template <>
inline constexpr Block kBlockOf<DomainTunnel> = Block::domain_tunnel;

// A value's place in the model, from the object of its block: Path<&Config::l2tp, &L2tp::hello_interval>.
template <auto First, auto... Rest>
struct Path {
  template <class Whole, class Member>
  static Whole whole_of(Member Whole::*);
  using Object = decltype(whole_of(First));

  static auto& in(auto& object) {
    if constexpr (sizeof...(Rest) == 0)
      return object.*First;
    else
      return Path<Rest...>::in(object.*First);
  }
  static auto& in(Scope& scope) { return in(*std::get<Object*>(scope)); }
  static const auto& in(const View& view) { return in(*std::get<const Object*>(view)); }
  static auto by_default() {
    const Object object{};
    return in(object);
  }
};

template <class Place>
Complaint set_field(Scope& scope, const Arguments& arguments) {
  read(arguments, Place::in(scope));
  return std::nullopt;
}

inline constexpr const char* kNotUnicast = "no host can have this address";

// For values that are an address, or an address with the length of its network.
template <class Place>
Complaint set_unicast(Scope& scope, const Arguments& arguments) {
  if (!is_unicast(arguments.front().ip.address)) return kNotUnicast;
  return set_field<Place>(scope, arguments);
}

template <class Place>
Complaint reset_field(Scope& scope, const Arguments&) {
  Place::in(scope) = Place::by_default();
  return std::nullopt;
}

template <class Place, auto Value>
Complaint assign_field(Scope& scope, const Arguments&) {
  Place::in(scope) = Value;
  return std::nullopt;
}

template <class Place>
void print_field(Printer& printer, const Statement& statement, const View& view) {
  const auto& value = Place::in(view);
  if (value != Place::by_default()) printer.line(std::string(head(statement.syntax)) + ' ' + format(value));
}

template <class Place>
void print_secret(Printer& printer, const Statement& statement, const View& view) {
  const std::string& value = Place::in(view);
  if (!value.empty()) printer.secret(head(statement.syntax), value);
}

// What is on by default is printed as `no ...` when it is off; what is off by default, when it is on.
template <class Place>
void print_flag(Printer& printer, const Statement& statement, const View& view) {
  const bool on = Place::in(view);
  if (on != Place::by_default()) printer.line((on ? "" : "no ") + std::string(statement.syntax));
}

template <auto... Members>
constexpr Statement field(std::string_view syntax, std::string_view help) {
  using Place = Path<Members...>;
  return {.block = kBlockOf<typename Place::Object>,
          .syntax = syntax,
          .help = help,
          .set = set_field<Place>,
          .undo = head(syntax),
          .no = reset_field<Place>,
          .restore = reset_field<Place>,
          .print = print_field<Place>};
}

template <auto... Members>
constexpr Statement unicast(std::string_view syntax, std::string_view help) {
  Statement statement = field<Members...>(syntax, help);
  statement.set = set_unicast<Path<Members...>>;
  return statement;
}

template <auto... Members>
constexpr Statement secret(std::string_view syntax, std::string_view help) {
  Statement statement = field<Members...>(syntax, help);
  statement.print = print_secret<Path<Members...>>;
  return statement;
}

template <auto... Members>
constexpr Statement flag(std::string_view syntax, std::string_view help) {
  using Place = Path<Members...>;
  return {.block = kBlockOf<typename Place::Object>,
          .syntax = syntax,
          .help = help,
          .set = assign_field<Place, true>,
          .undo = syntax,
          .no = assign_field<Place, false>,
          .restore = reset_field<Place>,
          .print = print_flag<Place>};
}

}  // namespace holdfast::config
