// What an Ethernet frame carries behind its VLAN tags (IEEE 802.1Q): none, one, or a service tag and a customer tag.
#pragma once

#include "abi/wire.hpp"
#include "nodes/packet.hpp"

#include <cstdint>

namespace holdfast::nodes {

struct EthernetPayload {
  std::uint16_t type = 0;  // of what follows; of the tag itself where that is cut short
  std::uint8_t at = 0;     // where it begins in the frame: 14, 18 or 22
  std::uint16_t outer_vlan = 0, inner_vlan = 0;
};

// frame: at least an Ethernet header. A tag of VLAN 0 has a priority alone and counts as none (IEEE 802.1Q 6.9).
inline EthernetPayload behind_tags(rte_mbuf* frame) {
  constexpr std::uint16_t kVlanId = 0x0fff;
  EthernetPayload payload{.type = header<wire_format::Ethernet>(frame).type.value(),
                          .at = sizeof(wire_format::Ethernet)};
  const auto take_tag = [&](std::uint16_t& vlan) {
    if (frame->data_len < payload.at + sizeof(wire_format::VlanTag)) return false;
    const auto& tag = header<wire_format::VlanTag>(frame, payload.at);
    vlan = tag.control.value() & kVlanId;
    payload.type = tag.type.value();
    payload.at += static_cast<std::uint8_t>(sizeof(tag));
    return true;
  };
  if (payload.type != wire_format::kEtherVlan && payload.type != wire_format::kEtherQinq) return payload;
  if (take_tag(payload.outer_vlan) && payload.type == wire_format::kEtherVlan) take_tag(payload.inner_vlan);
  return payload;
}

}  // namespace holdfast::nodes
