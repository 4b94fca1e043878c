// The router whose graph tools/bench fastpath --graph times: its tables filled by the table agent as control has them
// filled, two ports that nothing is sent on, and packets that every session of it would have forwarded.
//
//   LAC or CPE -- port 0 [router] port 1 -- what is behind the LNS, or the LNS
#pragma once

#include "abi/counters.hpp"
#include "dataplane/table_agent.hpp"
#include "nodes/context.hpp"
#include "tables/tables.hpp"

#include <rte_mbuf.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::bench {

enum class Way : std::uint8_t { lns_decap, lns_encap, lac_up, lac_down };

struct Case {
  std::string name;
  Way way{};
  unsigned inner = 4, outer = 4;  // IP versions
  unsigned size = 64;             // of the inner IP packet, octets
  std::uint32_t sessions = 4096;
  bool sequence = false;      // data messages carry Ns and Nr
  bool udp_checksum = false;  // of the outer header, over IPv4
  unsigned garbage = 0;       // packets of 100 that are broken in some way
};

// A packet of the first session, and where another session's differs.
struct Template {
  static constexpr unsigned kNowhere = 0xffff;

  std::vector<std::uint8_t> frame;
  unsigned tunnel = kNowhere, session = kNowhere, pppoe_session = kNowhere, mac = kNowhere;  // offsets
  unsigned address = kNowhere;                                                               // the subscriber's
  unsigned inner = kNowhere;  // IPv4 header whose checksum follows the address
  unsigned ns = kNowhere;
};

struct FreeMemory {
  std::size_t octets;
  void operator()(void* memory) const;
};

class Router {
 public:
  explicit Router(const Case& c);

  // Makes a packet of session number n (from 0) in an mbuf of at least 2 KiB. seed: which way it is broken, if it is.
  void make(rte_mbuf* mbuf, std::uint32_t n, std::uint32_t seed);
  nodes::Context& context() { return *context_; }
  // Octets of the forwarding tables' memory that is in use, with the counters.
  std::uint64_t dropped() const;

 private:
  struct Place {
    TunnelId tunnel;
    SessionId session;
  };

  Place place(std::uint32_t n) const;
  std::uint32_t tunnels() const;
  void put_ways();
  void put_tunnels();
  void put_session(std::uint32_t n);
  void put_route(const IpAddress& address, unsigned length, abi::NextHopKind kind, unsigned neighbour, Place to = {});
  void apply(const abi::TableOp& op);
  Template make_template() const;

  Case case_;
  unsigned bank_bits_;
  tables::Tables tables_;
  dataplane::TableAgent agent_{tables_, 2};
  std::vector<nodes::PortFacts> ports_;
  abi::DropCounters drops_{};
  std::vector<abi::PortCounters> port_counters_{2};
  std::unique_ptr<void, FreeMemory> counters_;
  std::unique_ptr<nodes::Context> context_;
  Template template_;
  std::vector<std::uint16_t> next_ns_;
};

}  // namespace holdfast::bench
