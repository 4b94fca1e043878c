#include "lac/report.hpp"

#include "dial/address.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace holdfast::lac {
namespace {

constexpr std::size_t kSomeAddresses = 16;

double rounded(double value, double unit) { return std::round(value / unit) * unit; }

std::vector<std::uint32_t> addresses(const Generator& generator) {
  std::vector<std::uint32_t> out;
  for (const auto& session : generator.lac().sessions())
    if (session.state == CallState::up) out.push_back(session.ppp.address);
  return out;
}

nlohmann::json as_text(const std::vector<std::uint32_t>& addresses, std::size_t limit) {
  auto out = nlohmann::json::array();
  for (std::size_t i = 0; i < std::min(limit, addresses.size()); ++i)
    out.push_back(dial::text_of_address(IpAddress::v4(addresses[i])));
  return out;
}

std::vector<std::uint64_t> prefixes(const Generator& generator) {
  std::vector<std::uint64_t> out;
  for (const auto& session : generator.lac().sessions())
    if (session.state == CallState::up && session.ipv6_prefix != 0) out.push_back(session.ipv6_prefix);
  return out;
}

template <class Native>
std::size_t distinct(std::vector<Native> values) {
  std::ranges::sort(values);
  return static_cast<std::size_t>(std::unique(values.begin(), values.end()) - values.begin());
}

void add_counters(nlohmann::json& out, const Counters& c) {
  out.update({{"tunnels_up", c.tunnels_up},
              {"tunnels_failed", c.tunnels_failed},
              {"tunnels_lost", c.tunnels_lost},
              {"sessions_up", c.calls_up},
              {"sessions_setting_up", c.calls_open},
              {"sessions_failed", c.calls_failed},
              {"sessions_lost", c.calls_lost},
              {"sessions_ended", c.calls_ended},
              {"renegotiations", c.renegotiations},
              {"messages_sent", c.messages_sent},
              {"messages_received", c.messages_received},
              {"retransmissions", c.retransmissions},
              {"duplicates", c.duplicates},
              {"reused_ns", c.reused_ns},
              {"answered_twice", c.answered_twice},
              {"ahead", c.ahead},
              {"acks_of_unsent", c.acks_of_unsent},
              {"window_exceeded", c.window_exceeded},
              {"recoveries_begun", c.recoveries_begun},
              {"recoveries_refused", c.recoveries_refused},
              {"tunnels_recovered", c.tunnels_recovered},
              {"sessions_confirmed", c.sessions_confirmed},
              {"sessions_denied", c.sessions_denied},
              {"discarded", c.discarded},
              {"malformed", c.malformed},
              {"strays", c.strays},
              {"data_sent", c.data_sent},
              {"data_received", c.data_received},
              {"echoes_answered", c.echoes_answered}});
}

}  // namespace

nlohmann::json figures_of(const SetUp& s) {
  return {{"tunnels", s.tunnels},
          {"sessions", s.sessions},
          {"up", s.up},
          {"failed", s.failed},
          {"setup_s", rounded(s.seconds, 0.001)},
          {"calls_per_s", rounded(s.calls_per_s, 0.1)},
          {"peak", s.peak}};
}

nlohmann::json status_of(const Generator& generator, bool with_addresses) {
  const auto all = addresses(generator);
  nlohmann::json out = {{"tunnels", generator.lac().tunnels_asked_for()},
                        {"sessions", generator.lac().counters().calls_begun},
                        {"misdelivered", generator.misdelivered()},
                        {"addresses", as_text(all, kSomeAddresses)},
                        {"distinct_addresses", distinct(all)},
                        {"distinct_ipv6_prefixes", distinct(prefixes(generator))},
                        {"endings", generator.lac().endings()}};
  add_counters(out, generator.lac().counters());
  if (with_addresses) out["all_addresses"] = as_text(all, all.size());
  return out;
}

}  // namespace holdfast::lac
