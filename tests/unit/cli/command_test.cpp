#include "cli/command.hpp"

#include <gtest/gtest.h>

namespace holdfast::cli {
namespace {

Command matched(std::string_view line) {
  auto command = match(line);
  if (command) return *command;
  ADD_FAILURE() << command.error();
  return {};
}

std::string refused(std::string_view line) {
  const auto command = match(line);
  return command ? "taken" : command.error();
}

TEST(Command, IsFoundInTheTableWithItsArguments) {
  EXPECT_EQ(matched("show l2tp").id, CommandId::show_l2tp);
  EXPECT_EQ(matched("show dataplane").id, CommandId::show_dataplane);
  EXPECT_EQ(matched("show running-config").id, CommandId::show_running_config);
  EXPECT_EQ(matched("show version").id, CommandId::show_version);
  EXPECT_EQ(matched("show checkpoint").id, CommandId::show_checkpoint);

  const Command tunnel = matched("show l2tp tunnel 7 detail");
  EXPECT_EQ(tunnel.id, CommandId::show_l2tp_tunnel);
  EXPECT_EQ(tunnel.tunnel(), TunnelId(7));
  EXPECT_EQ(tunnel.session(), std::nullopt);
  EXPECT_TRUE(tunnel.detail());
  EXPECT_FALSE(tunnel.json);

  const Command clear = matched("clear l2tp session 7 65535");
  EXPECT_EQ(clear.id, CommandId::clear_l2tp_session);
  EXPECT_EQ(clear.tunnel(), TunnelId(7));
  EXPECT_EQ(clear.session(), SessionId(65535));

  const Command call = matched("test l2tp call example.net 5551234");
  EXPECT_EQ(call.id, CommandId::test_l2tp_call);
  EXPECT_EQ(call.domain(), "example.net");
  EXPECT_EQ(call.called(), "5551234");
  EXPECT_EQ(matched("test l2tp call example.net").called(), std::nullopt);

  EXPECT_EQ(matched("clear l2tp tunnel 7").id, CommandId::clear_l2tp_tunnel);
  EXPECT_EQ(matched("show l2tp destination profile \"my lac\"").name(), "my lac");
  EXPECT_EQ(matched("show subscribers user alice@example.net").name(), "alice@example.net");
  EXPECT_EQ(matched("show subscribers").name(), std::nullopt);
  EXPECT_TRUE(matched("show running-config passwords").passwords());
}

TEST(Command, MayBeAbbreviated) {
  EXPECT_EQ(matched("sh l2 tun 7").id, CommandId::show_l2tp_tunnel);
  EXPECT_EQ(matched("sh sub u alice").name(), "alice");
  EXPECT_EQ(refused("s l t"), "taken");
}

TEST(Command, GivesJsonAfterAPipe) {
  EXPECT_TRUE(matched("show l2tp tunnel | json").json);
  EXPECT_EQ(matched("show l2tp tunnel 7 | js").tunnel(), TunnelId(7));
  EXPECT_EQ(matched("show l2tp destination profile \"|\" | json").name(), "|");
}

TEST(Command, ThatIsNoneIsAnsweredWithWhatWasPossible) {
  EXPECT_EQ(refused("show bogus"),
            "show bogus\n"
            "     ^ expected one of: l2tp, subscribers, pppoe, dataplane, running-config, version, checkpoint\n");
  EXPECT_EQ(refused("show l2tp tunnel 0"),
            "show l2tp tunnel 0\n"
            "                 ^ expected one of: <tunnel-id> (1-65535), detail, the end of the line\n");
  EXPECT_EQ(refused("clear l2tp session 7"),
            "clear l2tp session 7\n"
            "                     ^ expected <session-id> (1-65535)\n");
  EXPECT_EQ(refused("show l2tp | xml"),
            "show l2tp | xml\n"
            "            ^ expected json\n");
  EXPECT_EQ(refused("show l2tp |"),
            "show l2tp |\n"
            "           ^ expected json\n");
  EXPECT_EQ(refused("show l2tp | json | json"),
            "show l2tp | json | json\n"
            "                 ^ expected the end of the line\n");
  EXPECT_EQ(refused(""), "\n^ expected one of: show, clear, test\n");
  EXPECT_EQ(refused("show \x1b[2J"), "show ?[2J\n     ^ control character in this word\n");
}

TEST(Command, EndingInAQuestionMarkIsAnsweredWithWhatMayBeTyped) {
  constexpr std::string_view kL2tp =
      "  show l2tp                                       L2TP settings, and how much of everything there is\n"
      "  show l2tp tunnel [<tunnel-id>] [detail]         Control connections\n"
      "  show l2tp session [<tunnel-id> [<session-id>]]  Calls in tunnels\n"
      "  show l2tp failover [<tunnel-id>]                The last failover of each tunnel, ours or the peer's, and "
      "what "
      "became of its sessions\n"
      "  show l2tp destination profile [<name>]          Peers that are configured, and how tunnels with them recover\n"
      "  show l2tp destination lockout                   Peers that did not answer, and how long calls are kept from "
      "them\n"
      "  ... | json                                      The same as JSON\n";
  const Command command = matched("show l2tp ?");
  EXPECT_EQ(command.id, CommandId::help);
  EXPECT_EQ(command.help, kL2tp);
  EXPECT_EQ(matched("sh l2?").help, kL2tp);
  EXPECT_EQ(matched("show version ?").help,
            "  show version  Version of the daemon, and how long it has been running\n"
            "  ... | json    The same as JSON\n");
  EXPECT_EQ(matched("show bogus ?").help,
            "show bogus \n"
            "     ^ expected one of: l2tp, subscribers, pppoe, dataplane, running-config, version, checkpoint\n");
  EXPECT_EQ(matched("?").help, help(""));
  EXPECT_EQ(matched("show l2tp destination profile \"?\"").name(), "?");
}

TEST(Command, IsListedInTheHelpForAnEmptyLine) {
  const auto all = help("");
  for (const auto& command : commands()) {
    EXPECT_NE(all.find(command.syntax), std::string::npos) << command.syntax;
    EXPECT_NE(all.find(command.help), std::string::npos) << command.help;
  }
}

}  // namespace
}  // namespace holdfast::cli
