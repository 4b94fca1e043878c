#include "config/expand.hpp"

#include "config/address_text.hpp"

#include <array>
#include <charconv>
#include <cstdlib>

namespace holdfast::config {
namespace {

struct Placeholder {
  std::string_view name;
  Kind kind;
  std::uint64_t low = 0;
  std::uint64_t high = 0;
};
constexpr std::array kPlaceholders{
    Placeholder{"name", Kind::name},
    Placeholder{"interface-name", Kind::interface_name},
    Placeholder{"secret", Kind::secret},
    Placeholder{"ip-address", Kind::ipv4_address},
    Placeholder{"ip-mask", Kind::ipv4_mask},
    Placeholder{"ip-address/length", Kind::ipv4_prefix},
    Placeholder{"ipv6-address", Kind::ipv6_address},
    Placeholder{"ipv6-address/length", Kind::ipv6_prefix},
    Placeholder{"vlan-range", Kind::vlan_range},
    Placeholder{"tunnel-id", Kind::number, 1, 65535},
    Placeholder{"session-id", Kind::number, 1, 65535},
    Placeholder{"line", Kind::number, 1, 0xffffff},
};

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// What stands between < and >: kind, LOW-HIGH, or label:kind.
Element placeholder(std::string_view text) {
  Element element;
  const auto colon = text.find(':');
  element.label = text.substr(0, colon);
  element.inside = text;
  const auto kind = colon == std::string_view::npos ? text : text.substr(colon + 1);
  for (const auto& known : kPlaceholders) {
    if (known.name != kind) continue;
    element.kind = known.kind;
    element.low = known.low;
    element.high = known.high;
    return element;
  }
  const auto dash = kind.find('-');
  if (dash == std::string_view::npos) std::abort();
  const auto low = parse_number(kind.substr(0, dash));
  const auto high = parse_number(kind.substr(dash + 1));
  if (!low || !high || *low > *high) std::abort();
  element.kind = Kind::number;
  element.low = *low;
  element.high = *high;
  return element;
}

// Recursive descent over the text of a syntax.
class Expansion {
 public:
  explicit Expansion(std::string_view syntax) : rest_(syntax) {}

  std::vector<Sequence> whole() {
    auto all = sequence(false);
    if (!rest_.empty()) std::abort();
    return all;
  }

 private:
  std::vector<Sequence> alternatives() {
    auto all = sequence(true);
    while (take('|'))
      for (auto& one : sequence(true)) all.push_back(std::move(one));
    return all;
  }

  std::vector<Sequence> sequence(bool choice) {
    std::vector<Sequence> all(1);
    for (;;) {
      skip_spaces();
      if (rest_.empty() || rest_.front() == '|' || rest_.front() == ']' || rest_.front() == ')') return all;
      all = product(std::move(all), item(choice));
    }
  }

  std::vector<Sequence> item(bool choice) {
    if (take('[')) {
      auto all = alternatives();
      if (!take(']')) std::abort();
      all.emplace_back();
      return all;
    }
    if (take('(')) {
      auto all = alternatives();
      if (!take(')')) std::abort();
      return all;
    }
    Element element;
    if (take('<')) {
      element = placeholder(until(">"));
      if (!take('>')) std::abort();
    } else {
      element.label = until(" <[|])(");
    }
    if (element.label.empty()) std::abort();
    element.choice = choice;
    return {{element}};
  }

  // Every first followed by every second.
  static std::vector<Sequence> product(std::vector<Sequence> firsts, const std::vector<Sequence>& seconds) {
    std::vector<Sequence> all;
    for (auto& first : firsts) {
      for (const auto& second : seconds) {
        all.push_back(&second == &seconds.back() ? std::move(first) : first);
        all.back().insert(all.back().end(), second.begin(), second.end());
      }
    }
    return all;
  }

  void skip_spaces() {
    while (!rest_.empty() && rest_.front() == ' ') rest_.remove_prefix(1);
  }
  bool take(char c) {
    skip_spaces();
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::string_view until(std::string_view ends) {
    const auto text = rest_.substr(0, rest_.find_first_of(ends));
    rest_.remove_prefix(text.size());
    return text;
  }

  std::string_view rest_;
};

constexpr bool fits(std::string_view text, std::size_t longest) { return !text.empty() && text.size() <= longest; }

bool is_interface_name(std::string_view text) {
  return fits(text, 15) && text != "." && text != ".." && text.find_first_of("/: \t") == std::string_view::npos;
}

// Stores a value where there is one.
template <class T>
bool into(T& out, const std::optional<T>& value) {
  if (value) out = *value;
  return value.has_value();
}

bool is_vlan(std::uint64_t number) { return number >= 1 && number <= 4094; }

bool into_range(Argument& out, std::string_view text) {
  const auto dash = text.find('-');
  if (!into(out.number, parse_number(text.substr(0, dash)))) return false;
  out.last = out.number;
  if (dash != std::string_view::npos && !into(out.last, parse_number(text.substr(dash + 1)))) return false;
  return is_vlan(out.number) && is_vlan(out.last);
}

bool read_value(const Element& element, std::string_view text, Argument& out) {
  IpPrefix& ip = out.ip;
  switch (element.kind) {
    case Kind::keyword: return text == element.label;
    case Kind::number:
      return into(out.number, parse_number(text)) && out.number >= element.low && out.number <= element.high;
    case Kind::name: return fits(text, 63);
    case Kind::interface_name: return is_interface_name(text);
    case Kind::secret: return fits(text, 128);
    case Kind::ipv4_address: return into(ip.address, parse_ipv4(text));
    case Kind::ipv4_mask: return into(ip.length, parse_mask(text));
    case Kind::ipv4_prefix: return into(ip, parse_ipv4_prefix(text));
    case Kind::ipv6_address: return into(ip.address, parse_ipv6(text));
    case Kind::ipv6_prefix: return into(ip, parse_ipv6_prefix(text));
    case Kind::vlan_range: return into_range(out, text);
  }
  return false;
}

}  // namespace

std::vector<Sequence> expand(std::string_view syntax) { return Expansion(syntax).whole(); }

bool takes(const Element& element, const Token& token) {
  if (element.kind == Kind::keyword && token.quoted) return false;
  Argument scratch;
  return read_value(element, token.text, scratch);
}

Argument argument(const Element& element, const Token& token) {
  Argument argument{
      .kind = element.kind, .label = std::string(element.label), .text = token.text, .number = 0, .last = 0, .ip = {}};
  if (element.kind == Kind::keyword)
    argument.text = element.label;  // in full
  else
    (void)read_value(element, token.text, argument);
  return argument;
}

}  // namespace holdfast::config
