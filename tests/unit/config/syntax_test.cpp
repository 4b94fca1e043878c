#include "config/syntax.hpp"

#include "config/expand.hpp"

#include <gtest/gtest.h>

namespace holdfast::config {
namespace {

const std::vector<std::string> kSyntaxes{
    "show l2tp",
    "show l2tp tunnel [<tunnel-id>] [detail]",
    "show l2tp session [<tunnel-id> [<session-id>]]",
    "l2tp failover-resync (failover-protocol|failover-protocol-fallback|disable)",
    "remote host (default|<name>)",
    "tunnel password <secret>",
    "ip address (<ip-address/length>|<ip-address> <ip-mask>)",
    "ip local pool <name> <first:ip-address> <last:ip-address>",
    "mtu <576-9000>",
    "vlan <vlan-range>",
};

std::vector<Token> words(std::string_view line) { return tokenize(line).value(); }

// "ROW: label=text ..." or what is wrong.
std::string outcome(std::string_view line) {
  const auto match = Grammar(kSyntaxes).match(words(line));
  if (!match) return std::to_string(match.error().token) + ": " + match.error().message();
  std::string text = std::to_string(match->row) + ":";
  for (const auto& a : match->arguments) text += ' ' + a.label + '=' + a.text;
  return text;
}

std::string written_out(std::string_view syntax) {
  std::string text;
  for (const auto& sequence : expand(syntax)) {
    for (const auto& element : sequence) text.append(element.label).append(" ");
    text += '/';
  }
  return text;
}

TEST(Syntax, IsWrittenOutWithAndWithoutItsOptions) {
  EXPECT_EQ(written_out("a [<tunnel-id>] [detail]"), "a tunnel-id detail /a tunnel-id /a detail /a /");
  EXPECT_EQ(written_out("a [<tunnel-id> [<session-id>]]"), "a tunnel-id session-id /a tunnel-id /a /");
  EXPECT_EQ(written_out("a (b [c]|d|<1-2> e) f"), "a b c f /a b f /a d f /a 1-2 e f /");
}

TEST(Syntax, HasAHeadBeforeItsFirstValueOrChoice) {
  EXPECT_EQ(head("l2tp retransmission cap <8-60>"), "l2tp retransmission cap");
  EXPECT_EQ(head("remote host (default|<name>)"), "remote host");
  EXPECT_EQ(head("show l2tp tunnel [<tunnel-id>]"), "show l2tp tunnel");
  EXPECT_EQ(head("l2tp checksum"), "l2tp checksum");
}

TEST(SyntaxDeath, AbortsWhenMalformed) {
  for (const auto* bad : {"a [b", "a (b", "a <b>", "a <name", "a b]", "a <9-1>", "a <x:y>", "a <>"})
    EXPECT_DEATH((void)expand(bad), "") << bad;
}

TEST(Grammar, GivesTheValuesAndChoicesOfALine) {
  EXPECT_EQ(outcome("show l2tp"), "0:");
  EXPECT_EQ(outcome("show l2tp tunnel 7 detail"), "1: tunnel-id=7 detail=detail");
  EXPECT_EQ(outcome("show l2tp tunnel detail"), "1: detail=detail");
  EXPECT_EQ(outcome("show l2tp session 7 9"), "2: tunnel-id=7 session-id=9");
  EXPECT_EQ(outcome("ip address 10.0.0.1/24"), "6: ip-address/length=10.0.0.1/24");
  EXPECT_EQ(outcome("ip address 10.0.0.1 255.255.255.0"), "6: ip-address=10.0.0.1 ip-mask=255.255.255.0");
  EXPECT_EQ(outcome("ip local pool p 10.0.0.1 10.0.0.9"), "7: name=p first=10.0.0.1 last=10.0.0.9");
}

TEST(Grammar, ReadsValuesByTheirKind) {
  const auto match = Grammar(kSyntaxes).match(words("ip address 10.0.0.1 255.255.255.0"));
  ASSERT_TRUE(match);
  EXPECT_EQ(match->arguments.find("ip-address")->ip.address, IpAddress::v4(10, 0, 0, 1));
  EXPECT_EQ(match->arguments.find("ip-mask")->ip.length, 24);
  EXPECT_EQ(match->arguments.find("detail"), nullptr);
  EXPECT_EQ(Grammar(kSyntaxes).match(words("mtu 1500"))->arguments.front().number, 1500u);
  const auto range = [](std::string_view line) {
    const auto found = Grammar(kSyntaxes).match(words(line));
    if (!found) return std::pair<std::uint64_t, std::uint64_t>{};
    return std::pair{found->arguments.front().number, found->arguments.front().last};
  };
  EXPECT_EQ(range("vlan 1-4094"), std::pair(std::uint64_t{1}, std::uint64_t{4094}));
  EXPECT_EQ(range("vlan 7"), std::pair(std::uint64_t{7}, std::uint64_t{7}));
  for (const auto* bad :
       {"vlan 0", "vlan 4095", "vlan 0-1", "vlan 1-4095", "vlan -1", "vlan 1-", "vlan 1-2-3", "vlan x"})
    EXPECT_EQ(range(bad), std::pair(std::uint64_t{0}, std::uint64_t{0})) << bad;
}

TEST(Grammar, TakesKeywordsAbbreviatedAsLongAsTheyAreUnique) {
  EXPECT_EQ(outcome("sh l2 tun 7 det"), "1: tunnel-id=7 detail=detail");
  EXPECT_EQ(outcome("l2 fail disa"), "3: disable=disable");
  EXPECT_EQ(outcome("l2tp failover-resync failover-protocol"), "3: failover-protocol=failover-protocol");
  EXPECT_EQ(outcome("l2tp failover-resync failover-protocol-"),
            "3: failover-protocol-fallback=failover-protocol-fallback");
  EXPECT_EQ(outcome("l2tp failover-resync failover"),
            "2: ambiguous: could be failover-protocol, failover-protocol-fallback");
  EXPECT_EQ(outcome("show l2tp \"tunnel\""), "2: expected one of: tunnel, session, the end of the line");
}

TEST(Grammar, TakesAnExactKeywordBeforeAValueAndAValueBeforeAnAbbreviation) {
  EXPECT_EQ(outcome("remote host default"), "4: default=default");
  EXPECT_EQ(outcome("remote host def"), "4: name=def");
  EXPECT_EQ(outcome("remote host \"default\""), "4: name=default");
}

TEST(Grammar, SaysWhatWasExpectedWhere) {
  EXPECT_EQ(outcome("l2tp failover-resync bogus"),
            "2: expected one of: failover-protocol, failover-protocol-fallback, disable");
  EXPECT_EQ(outcome("mtu 575"), "1: expected <576-9000>");
  EXPECT_EQ(outcome("mtu 0x600"), "1: expected <576-9000>");
  EXPECT_EQ(outcome("mtu"), "1: expected <576-9000>");
  EXPECT_EQ(outcome("mtu 1500 1500"), "2: expected the end of the line");
  EXPECT_EQ(outcome("show l2tp tunnel 0"), "3: expected one of: <tunnel-id> (1-65535), detail, the end of the line");
  EXPECT_EQ(outcome("ip address 10.0.0.1"), "3: expected <ip-mask>");
  EXPECT_EQ(outcome("ip address 10.0.0.1 255.0.255.0"), "3: expected <ip-mask>");
  EXPECT_EQ(outcome("ip local pool p 10.0.0.1 x"), "5: expected <last:ip-address>");
  EXPECT_EQ(outcome("bogus"), "0: expected one of: show, l2tp, remote, tunnel, ip, mtu, vlan");
  EXPECT_EQ(outcome(""), "0: expected one of: show, l2tp, remote, tunnel, ip, mtu, vlan");
}

TEST(Grammar, MarksTheWordsThatAreOrMayBeMeantAsASecret) {
  const Grammar grammar(kSyntaxes);
  using Flags = std::vector<bool>;
  EXPECT_EQ(grammar.match(words("tunnel password x"))->secret, (Flags{false, false, true}));
  EXPECT_EQ(grammar.match(words("tunnel passwrd x")).error().secret, (Flags{false, true}));
  EXPECT_EQ(grammar.match(words("tunnel password x y")).error().secret, (Flags{false, false, true, true}));
  EXPECT_EQ(grammar.match(words("mtu 1")).error().secret, (Flags{false, false}));
}

TEST(Grammar, NamesWhatMayFollowForCompletionAndHelp) {
  const Grammar grammar(kSyntaxes);
  const auto next = grammar.after(words("show l2tp"));
  EXPECT_EQ(next.possible, (std::vector<std::string>{"tunnel", "session", "<cr>"}));
  EXPECT_EQ(next.rows, (std::vector<std::size_t>{0, 1, 2}));
  EXPECT_EQ(grammar.after(words("show bogus")).possible, std::vector<std::string>{});
}

}  // namespace
}  // namespace holdfast::config
