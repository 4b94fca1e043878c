// One row of the statement table: what a statement looks like, what it does to the configuration, how it is undone, and
// how it is printed. Parsing, errors, `show running-config` and the manual page all come from these rows.
#pragma once

#include "config/model.hpp"
#include "config/syntax.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>

namespace holdfast::config {

class Printer;

// Where a statement stands; each block but the global one is opened by a statement.
enum class Block : std::uint8_t { global, interface, local_user, destination, host, domain, domain_tunnel };

// The object that each block a line stands in is about; null for those it does not stand in.
template <class... Objects>
using PointersTo = std::tuple<Objects*...>;
using Scope = PointersTo<Config, Interface, LocalUser, DestinationProfile, HostProfile, DomainMap, DomainTunnel>;
using View = PointersTo<const Config, const Interface, const LocalUser, const DestinationProfile, const HostProfile,
                        const DomainMap, const DomainTunnel>;

// Why the values of a statement, each right by itself, make no sense together. Names no secret.
using Complaint = std::optional<std::string>;

struct Statement {
  using Apply = Complaint (*)(Scope&, const Arguments&);
  using Name = std::string (*)(const Arguments&);
  using Print = void (*)(Printer&, const Statement&, const View&);

  Block block{};
  std::string_view syntax;
  std::string_view help;
  Apply set = nullptr;    // a statement that opens a block leaves its object in the scope
  std::string_view undo;  // what stands after `no` and `default`; empty: neither form exists
  Apply no = nullptr;
  Apply restore = nullptr;  // `default`
  Print print = nullptr;
  Name name = nullptr;  // which of many objects the statement is about; null: there is only one
  std::optional<Block> opens{};
};

// In the order in which they are listed and printed.
std::span<const Statement> statements();

}  // namespace holdfast::config
