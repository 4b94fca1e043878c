// What a run may break, one row a rule, each with the section that states it: of RFC 2661 where no other is named.
#pragma once

#include "wire/time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::sim {

enum class Rule : std::uint8_t {
  malformed,
  ns_skipped,
  ns_reused,
  acknowledged_resent,
  resent_too_soon,
  nr_ahead,
  nr_backwards,
  zlb_numbered,
  window_overrun,
  not_acknowledged,
  unknown_tunnel,
  tunnel_id_in_use,
  tunnel_state,
  after_stop,
  response_wrong,
  tie_breaker,
  unknown_session,
  session_id_in_use,
  session_state,
  after_disconnect,
  data_without_session,
  half_open_tunnel,
  half_open_session,
  not_at_rest,
  failover_avp_misplaced,
  capability_empty,
  recovery_announces,
  recovery_without_tie,
  recovery_unknown,
  recovery_accepted,
  recovery_message,
  query_unanswered,
  answer_unasked,
  answer_wrong,
  cleared_aloud,
  count_,
};
inline constexpr std::size_t kRules = static_cast<std::size_t>(Rule::count_);

struct RuleSpec {
  Rule rule;
  std::string_view name;
  std::string_view section;
};
inline constexpr std::array<RuleSpec, kRules> kRuleTable{{
    {Rule::malformed, "a message that cannot be parsed, lacks an AVP or has one out of range", "4.1, 6"},
    {Rule::ns_skipped, "an Ns was skipped", "5.8"},
    {Rule::ns_reused, "an Ns was used again for another message", "5.8"},
    {Rule::acknowledged_resent, "a message was sent again after its acknowledgement had arrived", "5.8"},
    {Rule::resent_too_soon, "the pauses between retransmissions of a message shrank", "5.8"},
    {Rule::nr_ahead, "an Nr acknowledges what has not arrived", "5.8"},
    {Rule::nr_backwards, "an Nr is lower than one before it", "5.8"},
    {Rule::zlb_numbered, "a ZLB has another Ns than that of the next message", "5.8"},
    {Rule::window_overrun, "more messages are outstanding than the peer's receive window holds", "5.8"},
    {Rule::not_acknowledged, "a message was not acknowledged in time", "5.8"},
    {Rule::unknown_tunnel, "a tunnel id in a header was not assigned by the receiver", "3.1"},
    {Rule::tunnel_id_in_use, "a tunnel id was assigned while another tunnel has it", "4.4.3"},
    {Rule::tunnel_state, "a message does not belong in this state of the tunnel", "7.2.1"},
    {Rule::after_stop, "a new message was sent in a tunnel that was stopped", "5.7"},
    {Rule::response_wrong, "a challenge was not answered, or with a wrong response", "5.1.1"},
    {Rule::tie_breaker, "an SCCRQ was accepted that loses against one of the acceptor's own", "4.4.3"},
    {Rule::unknown_session, "a session id in a header was not assigned by the receiver", "3.1"},
    {Rule::session_id_in_use, "a session id was assigned while another session has it", "4.4.4"},
    {Rule::session_state, "a message does not belong in this state of the session", "7.4, 7.5"},
    {Rule::after_disconnect, "a new message was sent in a session that was disconnected", "5.6"},
    {Rule::data_without_session, "a data message belongs to no established session", "3.1"},
    {Rule::half_open_tunnel, "at rest a tunnel is alive on one side only", "5.7, 5.8"},
    {Rule::half_open_session, "at rest a session is alive on one side only", "5.6"},
    {Rule::not_at_rest, "a tunnel or session never came to rest", "5.8, 7"},
    {Rule::failover_avp_misplaced, "an AVP of the failover protocol in a message that must not carry it", "4951 5"},
    {Rule::capability_empty, "a Failover Capability without C and D", "4951 5.1"},
    {Rule::recovery_announces, "a recovery tunnel announces Failover Capability", "4951 3.2.1"},
    {Rule::recovery_without_tie, "a recovery tunnel is asked for without Tie Breaker", "4951 3.2.1"},
    {Rule::recovery_unknown, "a recovery tunnel is asked for a tunnel that its sender does not have", "4951 3.2.1"},
    {Rule::recovery_accepted, "a recovery tunnel was accepted that must be refused", "4951 3.2.1"},
    {Rule::recovery_message, "a message that does not belong in a recovery tunnel", "4951 3.2.1"},
    {Rule::query_unanswered, "a session's state was asked for, and never told", "4951 3.3"},
    {Rule::answer_unasked, "a session's state was told that nobody had asked for", "4951 3.3"},
    {Rule::answer_wrong, "a session's state was told wrongly", "4951 3.3"},
    {Rule::cleared_aloud, "a CDN for a session that is to be cleared silently", "4951 3.3"},
}};
constexpr const RuleSpec& spec(Rule rule) { return kRuleTable[static_cast<std::size_t>(rule)]; }
// As it is cited.
inline std::string where(Rule rule) {
  const std::string section(spec(rule).section);
  return section.starts_with("4951 ") ? "RFC " + section : "RFC 2661 " + section;
}
static_assert([] {
  for (std::size_t i = 0; i < kRules; ++i)
    if (kRuleTable[i].rule != static_cast<Rule>(i)) return false;
  return true;
}());

struct Violation {
  TimePoint at;
  Rule rule;
  std::string what;
};

// What was found so far, and the time of what is being looked at.
struct Findings {
  TimePoint now{};
  std::uint64_t event = 0;  // counts what the wire showed
  std::vector<Violation> violations;

  void add(Rule rule, std::string what) { violations.push_back({now, rule, std::move(what)}); }
};

// What the RFC leaves to an implementation and its configuration.
struct Allowance {
  Duration acknowledge_within = std::chrono::seconds(1);  // and how long a process may be down
  unsigned retries = 5;                                   // after which a peer that does not answer may be given up
  Duration hold = std::chrono::seconds(31);               // how long a stopped tunnel answers (RFC 2661 5.7)
  Duration cap = std::chrono::seconds(8);                 // of the pauses between retransmissions
  bool restarts = false;                                  // a process that starts again sends again at once
};

}  // namespace holdfast::sim
