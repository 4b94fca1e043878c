// All forwarding tables together: what a worker reads and the table agent writes.
#pragma once

#include "abi/ids.hpp"
#include "abi/ip_address.hpp"
#include "tables/circuit_table.hpp"
#include "tables/neighbour_table.hpp"
#include "tables/readers.hpp"
#include "tables/route4.hpp"
#include "tables/route6.hpp"
#include "tables/session_table.hpp"
#include "tables/tunnel_table.hpp"

namespace holdfast::tables {

inline constexpr std::uint32_t kNeighbours = 65536;

struct Tables {
  // workers: how many threads read; bank_bits: 0..8, of sessions and circuits.
  Tables(std::uint32_t workers, unsigned bank_bits)
      : readers(workers),
        route4(readers),
        route6(readers),
        circuits(readers, bank_bits),
        sessions(readers, bank_bits),
        tunnels(readers),
        neighbours(kNeighbours) {}

  NextHop route(const IpAddress& address) const {
    return address.is_v4() ? route4.lookup(address.v4_value()) : route6.lookup(address.octets.data());
  }

  Readers readers;
  Route4 route4;
  Route6 route6;
  CircuitTable circuits;
  SessionTable sessions;
  TunnelTable tunnels;
  NeighbourTable neighbours;
};

}  // namespace holdfast::tables
