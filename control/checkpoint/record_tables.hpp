// The tables of the checkpoint that hold the records: name, size and number of each, in the order of Table.
#pragma once

#include "checkpoint/records.hpp"
#include "checkpoint/region.hpp"

#include <array>
#include <cstdint>

namespace holdfast {

struct RecordCapacity {  // how many there may be
  std::uint32_t tunnels;
  std::uint32_t sessions;
  std::uint32_t calls;  // that are being placed
};

constexpr std::array<checkpoint::TableSpec, 9> record_tables(const RecordCapacity& n) {
  return {{{"tunnel", sizeof(TunnelRecord), n.tunnels},
           {"message", sizeof(MessageRecord), n.tunnels * l2tp::kSlots},
           {"session", sizeof(SessionRecord), n.sessions},
           {"subscriber", sizeof(SubscriberRecord), n.sessions},
           {"spec", sizeof(SpecRecord), n.tunnels},
           {"call", sizeof(CallRecord), n.calls},
           {"circuit", sizeof(CircuitRecord), n.sessions},
           {"lockout", sizeof(LockoutRecord), kLockouts},
           {"node", sizeof(NodeRecord), 1}}};
}

}  // namespace holdfast
