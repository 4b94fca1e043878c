// The syntax of statements and commands, written as an operator reads it, and the matcher of lines against it:
//     l2tp retransmission cap <8-60>                    keywords and a number of that range
//     show l2tp tunnel [<tunnel-id>] [detail]           what may be left out
//     ip address (<ip-address/length> | <ip-address> <ip-mask>)      one of several
//     ip local pool <name> <first:ip-address> <last:ip-address>      label:kind, where one kind stands twice
// Keywords may be abbreviated as long as no other keyword that could stand there begins alike. Where both could stand,
// an exact keyword comes before a value and a value before an abbreviation; a word in quotes is always a value.
#pragma once

#include "abi/ip_address.hpp"
#include "config/token.hpp"
#include "wire/result.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::config {

enum class Kind : std::uint8_t {
  keyword,
  number,          // <LOW-HIGH>, <tunnel-id>, <session-id>
  name,            // <name>: 1..63 octets
  interface_name,  // <interface-name>: 1..15 octets, no slash
  secret,          // <secret>: 1..128 octets, never shown in an error
  ipv4_address,    // <ip-address>
  ipv4_mask,       // <ip-mask>
  ipv4_prefix,     // <ip-address/length>
  ipv6_address,    // <ipv6-address>
  ipv6_prefix,     // <ipv6-address/length>
  vlan_range,      // <vlan-range>: one of 1..4094, or FIRST-LAST
};

// One place of a syntax.
struct Element {
  Kind kind{};
  std::string_view label;   // the keyword, or the name of the value; part of the syntax
  std::string_view inside;  // of values: all that stands between < and >
  std::uint64_t low{};      // numbers
  std::uint64_t high{};
  bool choice = false;  // stands in [] or (): its keyword is an argument too

  std::string display() const;  // as an error or a help text names it
};

// What one word of the line meant.
struct Argument {
  Kind kind{};
  std::string label;
  std::string text;        // in full; a keyword without abbreviation
  std::uint64_t number{};  // numbers, and the first VLAN of a range
  std::uint64_t last{};    // the last VLAN of a range, which may be below the first
  IpPrefix ip;             // addresses and prefixes; the length of an address is 0

  friend bool operator==(const Argument&, const Argument&) = default;
};

// The arguments of a matched line in the order of its words: every value, and the keywords that were a choice.
struct Arguments : std::vector<Argument> {
  const Argument* find(std::string_view label) const;  // null when left out
  bool has(std::string_view label) const { return find(label) != nullptr; }
};

struct Match {
  std::size_t row{};  // of the syntaxes that the grammar was made of
  Arguments arguments;
  std::vector<bool> secret{};  // for each word of the line: whether it is a secret
};

// Why a line is none of the grammar's.
struct Mismatch {
  enum class Reason : std::uint8_t { unexpected, ambiguous, incomplete, surplus };
  Reason reason{};
  std::size_t token{};                // the first word that is wrong; the number of words when more were expected
  std::vector<std::string> possible;  // what could stand there, in the order of the syntaxes
  std::vector<std::size_t> rows;      // whose beginning the words before it are
  std::vector<bool> secret;           // for each word: whether it is, or may be meant as, a secret

  std::string message() const;  // holds no word of the line
};

class Grammar {
 public:
  // Syntaxes are part of the program: a malformed one aborts. When a line matches several, the first counts.
  explicit Grammar(std::vector<std::string> syntaxes);

  Result<Match, Mismatch> match(std::span<const Token> line) const;

  // For completion and help: what may follow these words (as Element::display(); "<cr>" where the line may end), and
  // the rows that begin with them. Nothing where the words are none of the grammar's.
  struct Next {
    std::vector<std::string> possible;
    std::vector<std::size_t> rows;
  };
  Next after(std::span<const Token> words) const;

 private:
  struct Pattern {
    std::size_t row{};
    std::vector<Element> elements;
    bool has_secret() const;
  };
  using Alive = std::vector<const Pattern*>;
  struct Taken {
    Alive alive;
    bool abbreviated = false;
  };
  struct Narrowed {
    Alive alive;
    std::vector<bool> secret;
  };
  static Taken takers(const Alive& alive, std::size_t i, const Token& token);
  static std::vector<std::string> places(const Alive& alive, std::size_t i);
  static std::vector<std::size_t> rows(const Alive& alive);
  static Mismatch mismatch(Mismatch::Reason reason, const Alive& alive, std::vector<bool> secret);
  Result<Narrowed, Mismatch> narrow(std::span<const Token> line) const;

  std::unique_ptr<const std::vector<std::string>> syntaxes_;  // in one place for good: labels are parts of them
  std::vector<Pattern> patterns_;                             // every syntax with its options and choices written out
};

// The words of a syntax before its first value or choice: "l2tp retransmission cap".
constexpr std::string_view head(std::string_view syntax) {
  const auto end = syntax.find_first_of("<[(");
  if (end == std::string_view::npos) return syntax;
  return syntax.substr(0, end == 0 ? 0 : end - 1);
}

}  // namespace holdfast::config
