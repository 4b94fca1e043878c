// Calls that the command line places (test l2tp call), from the command to its answer, and the circuits of outgoing
// calls that peers ask for.
#include "cli/answer.hpp"
#include "config/lookup.hpp"
#include "engine/tunnel_choice.hpp"
#include "io/daemon.hpp"

#include <algorithm>

namespace holdfast::io {

std::optional<CommandServer::Answer> Daemon::on_command(std::string_view line, CommandServer::Ticket ticket) {
  const auto command = cli::match(line);
  if (!command) return CommandServer::Answer{false, command.error()};
  if (command->id == cli::CommandId::test_l2tp_call) return place_test_call(*command, ticket);
  return answer(view(), *command);
}

// Answered by act_on_notices(), unless there is nothing to be placed.
std::optional<CommandServer::Answer> Daemon::place_test_call(const cli::Command& command,
                                                             CommandServer::Ticket ticket) {
  const std::string_view domain = command.domain().value_or("");
  const auto refusal = [&](std::string_view why) {
    return CommandServer::Answer{false, cli::answer(command, not_placed(domain, why))};
  };
  const auto* map = config::find_domain_map(config_, domain);
  if (map == nullptr) return refusal("there is no domain map of this name");
  const auto choices = engine::tunnel_choices(config_, *map);
  if (choices.empty()) return refusal("its domain map has no tunnel");
  const auto& best = *std::ranges::min_element(choices, {}, &engine::TunnelChoice::preference);
  const auto circuit = test_calls_.add({.ticket = ticket, .command = command, .placed = now()});
  arm_call_limit();
  handle(engine::PlaceCall{best.tunnel, null_call(circuit, command.called().value_or("")), {}});
  return std::nullopt;
}

// After a step. Peers that may ask for outgoing calls get a null circuit: no line has any other.
void Daemon::act_on_notices() {
  while (const auto notice = notices_.take()) {
    if (notice->kind == engine::NoticeKind::circuit_wanted) {
      handle(engine::CircuitConnected{notice->tunnel, notice->session, null_circuit()});
    } else if (const auto call = test_calls_.take(notice->circuit)) {
      const auto told = describe(view(), *call, *notice);
      commands_->answer(call->ticket, {told.up, cli::answer(call->command, told)});
      arm_call_limit();
    }
  }
}

void Daemon::on_call_limit(ev::timer&, int) {
  for (auto due = test_calls_.next_due(); due && due->at <= now(); due = test_calls_.next_due()) {
    test_calls_.give_up(due->circuit);
    take_back(due->circuit);
  }
  arm_call_limit();
}

// Its notice says that it failed, so that whoever waits is told. A call without a record is on its way up or down.
void Daemon::take_back(std::uint32_t circuit) {
  struct Search {
    const Records& records;
    std::uint32_t circuit;
    std::optional<SessionIndex> found;
  } search{records_, circuit, {}};
  records_.for_each(Table::call, &search, [](void* p, std::uint32_t i) {
    auto& s = *static_cast<Search*>(p);
    const CallRecord* call = s.records.placed_call(i);
    if (call->call.circuit == s.circuit) s.found = call->session;
  });
  const SessionRecord* session = search.found ? records_.session(*search.found) : nullptr;
  if (session != nullptr) handle(engine::ClearSession{session->l2tp.tunnel, session->l2tp.id});
}

void Daemon::arm_call_limit() {
  call_limit_.stop();
  const auto due = test_calls_.next_due();
  if (!due) return;
  ::ev_now_update(loop_.raw_loop);
  const std::chrono::duration<ev::tstamp> left = due->at - now();
  call_limit_.start(std::max(0.0, left.count()), 0);
}

}  // namespace holdfast::io
