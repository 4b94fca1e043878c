// Calls that the command line places (test l2tp call), from the command to its answer, and the circuits of outgoing
// calls that peers ask for.
#include "cli/answer.hpp"
#include "config/lookup.hpp"
#include "engine/tunnel_choice.hpp"
#include "io/daemon.hpp"

#include <algorithm>
#include <array>

namespace holdfast::io {
namespace {

// How many calls there are in tunnels that were opened for this spec.
std::uint32_t sessions_for(const TunnelSpec& spec, const engine::Indexes& indexes, const Records& records) {
  std::uint32_t sum = 0;
  indexes.for_each_of(spec, [&](TunnelId id) {
    const SpecRecord* opened = records.spec(id);
    const TunnelRecord* tunnel = records.tunnel(id);
    if (opened != nullptr && tunnel != nullptr && opened->spec == spec) sum += tunnel->sessions;
  });
  return sum;
}

// Whether another LNS may do better: this one refused, did not answer, or has another secret or name than it should.
bool blames_lns(const engine::Notice& notice, bool unreachable) {
  const auto result = notice.ending.result;
  if (notice.by_peer) return true;
  if (result == static_cast<std::uint16_t>(l2tp::CallResult::administrative)) return false;  // cleared by the operator
  return unreachable || result == static_cast<std::uint16_t>(l2tp::StopResult::not_authorized);
}

}  // namespace

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
  if (!place({.ticket = ticket, .command = command, .placed = now(), .choices = choices}))
    return refusal("every tunnel of its domain map has as many sessions as it may have");
  return std::nullopt;
}

// In the next tunnel of those that it may go through. False: none is left.
bool Daemon::place(TestCall call) {
  std::array<std::uint32_t, engine::TunnelChoices::capacity()> sessions{};
  for (std::size_t i = 0; i < call.choices.size(); ++i)
    sessions[i] = sessions_for(call.choices[i].tunnel, engine_.indexes(), records_);
  const auto next = engine_.selection().choose(call.choices, call.tried, sessions, Env{now(), entropy_});
  if (!next) return false;
  call.tried |= 1u << *next;
  engine::PlaceCall event{call.choices[*next].tunnel, {}, {}};
  const std::string called(call.command.called().value_or(""));
  event.call = null_call(test_calls_.add(std::move(call)), called);
  arm_call_limit();
  handle(event);
  return true;
}

// After a step. Peers that may ask for outgoing calls get a null circuit: no line has any other.
void Daemon::act_on_notices() {
  using engine::NoticeKind;
  while (const auto notice = notices_.take()) {
    if (notice->kind == NoticeKind::circuit_wanted)
      handle(engine::CircuitConnected{notice->tunnel, notice->session, null_circuit()});
    else if (auto call = test_calls_.take(notice->circuit))
      call_settled(std::move(*call), *notice);
  }
}

// A call that failed is placed again where there is another LNS to try.
void Daemon::call_settled(TestCall call, const engine::Notice& notice) {
  const auto told = describe(view(), call, notice);
  const bool again =
      !told.up && !call.late && blames_lns(notice, engine_.selection().is_locked_out(notice.peer, now()));
  if (again && place(call)) return;
  commands_->answer(call.ticket, {told.up, cli::answer(call.command, told)});
  arm_call_limit();
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
