// Calls that an operator places to see whether they come up (test l2tp call). Nobody is behind them: their circuit is
// null, so the dataplane has no row for them and drops what the LNS sends (l2tp_no_session).
#pragma once

#include "cli/documents.hpp"
#include "engine/tunnel_choice.hpp"
#include "io/command_server.hpp"
#include "io/view.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

namespace holdfast::io {

// Who waits for the outcome of a call.
struct TestCall {
  CommandServer::Ticket ticket{};
  cli::Command command;
  TimePoint placed{};
  engine::TunnelChoices choices{};
  std::uint32_t tried = 0;  // a bit for each position in choices
  bool late = false;        // given up: it is being taken back
};

class TestCalls {
 public:
  // first: the circuit of the first call; another in each process, whose calls may outlive it.
  explicit TestCalls(std::uint32_t first) : last_(first) {}

  // The circuit by which the call will be known; never 0.
  std::uint32_t add(TestCall call);
  // Whoever waits for it, and does so no longer.
  std::optional<TestCall> take(std::uint32_t circuit);

  // The call that was placed first and is not yet given up: when it will be, and its circuit.
  struct Due {
    TimePoint at;
    std::uint32_t circuit;
  };
  std::optional<Due> next_due() const;
  void give_up(std::uint32_t circuit);

 private:
  std::uint32_t last_;
  std::map<std::uint32_t, TestCall> waiting_;
};

// What the call asks for.
l2tp::CallSpec null_call(std::uint32_t circuit, std::string_view called);
// The circuit of an outgoing call that a peer asks for.
l2tp::Circuit null_circuit();

// What the operator is told. notice: session_up or call_failed, its step done.
cli::PlacedCall describe(const View& view, const TestCall& call, const engine::Notice& notice);
// The same where there was no call to be placed.
cli::PlacedCall not_placed(std::string_view domain, std::string_view reason);

}  // namespace holdfast::io
