#include "checker/failover.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace holdfast::sim {
namespace {

using l2tp::AvpType;
using l2tp::MessageType;

struct Carriers {
  AvpType avp;
  std::array<MessageType, 2> types;
};
constexpr std::array kCarriers{
    Carriers{AvpType::failover_capability, {MessageType::sccrq, MessageType::sccrp}},         // 5.1
    Carriers{AvpType::tunnel_recovery, {MessageType::sccrq, MessageType::sccrq}},             // 5.2
    Carriers{AvpType::suggested_control_sequence, {MessageType::sccrp, MessageType::sccrp}},  // 5.3
    Carriers{AvpType::failover_session_state, {MessageType::fsq, MessageType::fsr}},          // 5.4
};

}  // namespace

void check_failover_avps(Findings& found, const l2tp::ControlMessage& m, bool of_recovery_tunnel) {
  const auto name = std::string(l2tp::name(m.type));
  for (const auto& [avp, types] : kCarriers)
    if (m.has(avp) && std::ranges::find(types, m.type) == types.end())
      found.add(Rule::failover_avp_misplaced, name + ": AVP " + std::to_string(static_cast<unsigned>(avp)));
  if (const auto c = m.failover_capability(); c && !c->control && !c->data) found.add(Rule::capability_empty, name);
  if (of_recovery_tunnel && m.has(AvpType::failover_capability)) found.add(Rule::recovery_announces, name);
  if (!of_recovery_tunnel && m.has(AvpType::suggested_control_sequence))
    found.add(Rule::failover_avp_misplaced, name + ": AVP 78 in no recovery tunnel");
  if (m.type == MessageType::sccrq && of_recovery_tunnel && !m.has(AvpType::tie_breaker))
    found.add(Rule::recovery_without_tie, name);
}

bool belongs_in_recovery_tunnel(MessageType type) {
  constexpr std::array kTypes{MessageType::sccrq,   MessageType::sccrp, MessageType::scccn,
                              MessageType::stopccn, MessageType::hello, MessageType::zlb};
  return std::ranges::find(kTypes, type) != kTypes.end();
}

}  // namespace holdfast::sim
