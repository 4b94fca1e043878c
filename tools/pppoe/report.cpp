// The generator's figures as JSON.
#include "dial/address.hpp"
#include "pppoe/generator.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace holdfast::pppoe {
namespace {

constexpr std::size_t kSomeAddresses = 16;

double milliseconds(Duration d) { return std::round(std::chrono::duration<double, std::micro>(d).count()) / 1000; }
double rounded(double value, double unit) { return std::round(value / unit) * unit; }

nlohmann::json as_text(const std::vector<std::uint32_t>& addresses, std::size_t limit) {
  auto out = nlohmann::json::array();
  for (std::size_t i = 0; i < std::min(limit, addresses.size()); ++i)
    out.push_back(dial::text_of_address(IpAddress::v4(addresses[i])));
  return out;
}

std::size_t distinct(std::vector<std::uint32_t> values) {
  std::ranges::sort(values);
  return static_cast<std::size_t>(std::unique(values.begin(), values.end()) - values.begin());
}

void add_counters(nlohmann::json& out, const Counters& c) {
  out.update({{"up", c.up},
              {"setting_up", c.setting_up},
              {"failed", c.failed},
              {"lost", c.lost},
              {"ended", c.ended},
              {"renegotiations", c.renegotiations},
              {"padis_sent", c.padis_sent},
              {"padrs_sent", c.padrs_sent},
              {"padts_sent", c.padts_sent},
              {"pados_received", c.pados_received},
              {"padss_received", c.padss_received},
              {"padts_received", c.padts_received},
              {"retransmissions", c.retransmissions},
              {"second_sessions", c.second_sessions},
              {"session_frames_sent", c.session_frames_sent},
              {"session_frames_received", c.session_frames_received},
              {"echoes_answered", c.echoes_answered},
              {"malformed", c.malformed},
              {"wrong_vlan", c.wrong_vlan},
              {"strays", c.strays}});
}

}  // namespace

nlohmann::json figures_of(const SetUp& s) {
  return {{"subscribers", s.subscribers},
          {"up", s.up},
          {"failed", s.failed},
          {"seconds", rounded(s.seconds, 0.001)},
          {"sessions_per_s", rounded(s.sessions_per_s, 0.1)},
          {"setup_ms",
           {{"min", milliseconds(s.shortest)}, {"median", milliseconds(s.median)}, {"max", milliseconds(s.longest)}}}};
}

nlohmann::json Generator::status(bool with_addresses) const {
  std::vector<std::uint32_t> all;
  for (const auto& subscriber : subscribers_.all())
    if (subscriber.state == State::up) all.push_back(subscriber.ppp.address);
  nlohmann::json out = {{"subscribers", settings_.subscribers},
                        {"misdelivered", misdelivered_},
                        {"addresses", as_text(all, kSomeAddresses)},
                        {"distinct_addresses", distinct(all)},
                        {"endings", subscribers_.endings()}};
  add_counters(out, subscribers_.counters());
  if (with_addresses) out["all_addresses"] = as_text(all, all.size());
  return out;
}

nlohmann::json Generator::report() const {
  nlohmann::json out = set_up_ ? figures_of(*set_up_) : nlohmann::json::object();
  const Counters& c = subscribers_.counters();
  out.update({{"lost", c.lost},
              {"ended", c.ended},
              {"renegotiations", c.renegotiations},
              {"padts_received", c.padts_received},
              {"retransmissions", c.retransmissions},
              {"endings", subscribers_.endings()}});
  return out;
}

}  // namespace holdfast::pppoe
