// The commands of the command line, declared in one table, and the line that an operator typed as one of them. Keywords
// may be abbreviated; `| json` after any command asks for JSON; `?` at the end asks what may be typed instead.
#pragma once

#include "abi/ids.hpp"
#include "config/syntax.hpp"
#include "wire/result.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace holdfast::cli {

enum class CommandId : std::uint8_t {
  show_l2tp,
  show_l2tp_tunnel,
  show_l2tp_session,
  show_l2tp_failover,
  show_l2tp_destination_profile,
  show_l2tp_destination_lockout,
  show_subscribers,
  show_pppoe_session,
  show_dataplane,
  show_running_config,
  show_version,
  show_checkpoint,
  clear_l2tp_tunnel,
  clear_l2tp_session,
  clear_pppoe_session,
  test_l2tp_failover,
  test_l2tp_call,
  help,  // the line ended in `?`; Command::help is the answer
};

struct CommandSpec {
  CommandId id;
  std::string_view syntax;  // as in config/syntax.hpp
  std::string_view help;
};

// How long test l2tp call waits for the call before it is taken back. Other commands are answered at once.
inline constexpr std::chrono::seconds kCallLimit{45};

// In the order in which they are listed.
std::span<const CommandSpec> commands();

struct Command {
  CommandId id{};
  config::Arguments arguments;
  bool json = false;
  std::string help;

  // What was named on the line; nothing where it was not.
  std::optional<TunnelId> tunnel() const;
  std::optional<SessionId> session() const;
  std::optional<CircuitId> line() const;
  std::optional<std::string_view> name() const;  // of a destination profile or a user
  std::optional<std::string_view> domain() const;
  std::optional<std::string_view> called() const;  // number
  bool detail() const { return arguments.has("detail"); }
  bool passwords() const { return arguments.has("passwords"); }
};

// The command on this line. The error is for the operator: the line, a caret, and what was possible there.
Result<Command, std::string> match(std::string_view line);

// What may be typed after these words, one command a line with its help; all commands for an empty line.
std::string help(std::string_view words);

}  // namespace holdfast::cli
