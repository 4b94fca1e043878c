#include "cli/command.hpp"

#include "config/printable.hpp"

#include <algorithm>
#include <array>

namespace holdfast::cli {
namespace {

constexpr std::array kCommands{
    CommandSpec{CommandId::show_l2tp, "show l2tp", "L2TP settings, and how much of everything there is"},
    CommandSpec{CommandId::show_l2tp_tunnel, "show l2tp tunnel [<tunnel-id>] [detail]", "Control connections"},
    CommandSpec{CommandId::show_l2tp_session, "show l2tp session [<tunnel-id> [<session-id>]]", "Calls in tunnels"},
    CommandSpec{CommandId::show_l2tp_failover, "show l2tp failover [<tunnel-id>]",
                "The last failover of each tunnel, ours or the peer's, and what became of its sessions"},
    CommandSpec{CommandId::show_l2tp_destination_profile, "show l2tp destination profile [<name>]",
                "Peers that are configured, and how tunnels with them recover"},
    CommandSpec{CommandId::show_l2tp_destination_lockout, "show l2tp destination lockout",
                "Peers that did not answer, and how long calls are kept from them"},
    CommandSpec{CommandId::show_subscribers, "show subscribers [user <name>]", "Users, their addresses and traffic"},
    CommandSpec{CommandId::show_pppoe_session, "show pppoe session [<line>]",
                "Lines of subscribers: where they are, and what carries their PPP"},
    CommandSpec{CommandId::show_dataplane, "show dataplane [detail]",
                "Ports, workers and drops of the forwarding process; detail: drops that are zero, too"},
    CommandSpec{CommandId::show_running_config, "show running-config [passwords]",
                "The configuration in force; passwords: with those in clear"},
    CommandSpec{CommandId::show_version, "show version", "Version of the daemon, and how long it has been running"},
    CommandSpec{CommandId::show_checkpoint, "show checkpoint", "What a restart would find, and what the last one did"},
    CommandSpec{CommandId::clear_l2tp_tunnel, "clear l2tp tunnel <tunnel-id>",
                "Disconnect a tunnel and all its sessions"},
    CommandSpec{CommandId::clear_l2tp_session, "clear l2tp session <tunnel-id> <session-id>", "Disconnect one session"},
    CommandSpec{CommandId::clear_pppoe_session, "clear pppoe session <line>", "End one PPPoE session, and its call"},
    CommandSpec{CommandId::test_l2tp_failover, "test l2tp failover [<tunnel-id>]",
                "Do with one tunnel or all what a restart would do with it, as a drill: by the method in use, so that "
                "`disable` disconnects it"},
    CommandSpec{CommandId::test_l2tp_call, "test l2tp call <domain:name> [<called:name>]",
                "Place a call as LAC in a tunnel of the domain and say what becomes of it; nobody is behind it, and "
                "PPP frames from the LNS are dropped (l2tp_no_session)"},
};
static_assert(std::ranges::is_sorted(kCommands, {}, &CommandSpec::id));

using Tokens = std::vector<config::Token>;

config::Grammar command_grammar() {
  std::vector<std::string> syntaxes;
  for (const auto& command : kCommands) syntaxes.emplace_back(command.syntax);
  return config::Grammar(std::move(syntaxes));
}

config::Grammar modifier_grammar() { return config::Grammar({"json"}); }

// The line with a caret below offset `at`, and what is wrong there.
std::string complaint(std::string_view line, std::size_t at, std::string_view message) {
  return config::printable(line) + '\n' + std::string(at, ' ') + "^ " + std::string(message) + '\n';
}

std::string mismatch(std::string_view line, std::span<const config::Token> tokens, const config::Mismatch& wrong) {
  std::size_t at = line.size();
  if (wrong.token < tokens.size())
    at = tokens[wrong.token].at;
  else if (!tokens.empty())
    at = tokens.back().end + 1;
  return complaint(line, at, wrong.message());
}

}  // namespace

std::span<const CommandSpec> commands() { return kCommands; }

std::optional<TunnelId> Command::tunnel() const {
  const auto* argument = arguments.find("tunnel-id");
  return argument ? std::optional(TunnelId(static_cast<std::uint16_t>(argument->number))) : std::nullopt;
}

std::optional<SessionId> Command::session() const {
  const auto* argument = arguments.find("session-id");
  return argument ? std::optional(SessionId(static_cast<std::uint16_t>(argument->number))) : std::nullopt;
}

std::optional<CircuitId> Command::line() const {
  const auto* argument = arguments.find("line");
  return argument ? std::optional(CircuitId(static_cast<std::uint32_t>(argument->number))) : std::nullopt;
}

namespace {

std::optional<std::string_view> text_of(const config::Argument* argument) {
  return argument ? std::optional<std::string_view>(argument->text) : std::nullopt;
}

}  // namespace

std::optional<std::string_view> Command::name() const { return text_of(arguments.find("name")); }
std::optional<std::string_view> Command::domain() const { return text_of(arguments.find("domain")); }
std::optional<std::string_view> Command::called() const { return text_of(arguments.find("called")); }

Result<Command, std::string> match(std::string_view line) {
  const auto tokens = config::tokenize(line);
  if (!tokens) return fail(complaint(line, tokens.error().at, tokens.error().reason));
  const auto bare = [](std::string_view text) {
    return [text](const config::Token& token) { return !token.quoted && token.text == text; };
  };
  if (!tokens->empty() && !tokens->back().quoted && tokens->back().text.ends_with('?'))
    return Command{.id = CommandId::help, .arguments = {}, .help = help(line.substr(0, tokens->back().end - 1))};

  const auto pipe = std::ranges::find_if(*tokens, bare("|"));
  const std::span before(tokens->begin(), pipe);
  const auto matched = command_grammar().match(before);
  if (!matched) return fail(mismatch(line, before, matched.error()));
  if (pipe != tokens->end()) {
    const std::span after(pipe + 1, tokens->end());
    if (const auto modifier = modifier_grammar().match(after); !modifier)
      return fail(mismatch(line, after, modifier.error()));
  }
  return Command{
      .id = kCommands[matched->row].id, .arguments = matched->arguments, .json = pipe != tokens->end(), .help = {}};
}

std::string help(std::string_view words) {
  const auto tokens = config::tokenize(words);
  if (!tokens) return complaint(words, tokens.error().at, tokens.error().reason);
  const auto rows = command_grammar().after(*tokens).rows;
  if (rows.empty()) return mismatch(words, *tokens, command_grammar().match(*tokens).error());
  constexpr std::string_view kJson = "... | json";
  std::size_t width = kJson.size();
  for (const auto row : rows) width = std::max(width, kCommands[row].syntax.size());
  std::string out;
  const auto add = [&](std::string_view syntax, std::string_view help) {
    out += "  " + std::string(syntax) + std::string(width - syntax.size() + 2, ' ') + std::string(help) + '\n';
  };
  for (const auto row : rows) add(kCommands[row].syntax, kCommands[row].help);
  add(kJson, "The same as JSON");
  return out;
}

}  // namespace holdfast::cli
