// A command to its answer.
#include "io/show.hpp"

#include "cli/answer.hpp"
#include "cli/command.hpp"
#include "config/running_config.hpp"
#include "io/version.hpp"

#include <unistd.h>

namespace holdfast::io {
namespace {

std::uint64_t seconds_since(TimePoint then, TimePoint now) {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(now - then).count());
}

cli::Version show_version(const View& view) {
  return {kVersion, view.options.instance, view.options.config, static_cast<std::uint64_t>(::getpid()),
          seconds_since(view.times.started, view.now)};
}

cli::Cleared clear_tunnel(const View& view, TunnelId id) {
  const TunnelRecord* tunnel = view.records.tunnel(id);
  if (tunnel == nullptr || tunnel->l2tp.state == l2tp::TunnelState::stopping) return {};
  const cli::Cleared cleared{1, tunnel->sessions};
  view.handle(engine::ClearTunnel{id});
  return cleared;
}

cli::Cleared clear_session(const View& view, TunnelId tunnel, SessionId session) {
  const SessionIndex index = session_index(tunnel, session, view.engine.capacity().bank_bits);
  const SessionRecord* record = view.records.session(index);
  if (record == nullptr || record->l2tp.tunnel != tunnel) return {};
  view.handle(engine::ClearSession{tunnel, session});
  // Without room for a CDN in the tunnel the engine puts it off; then nothing was cleared.
  return {0, view.records.session(index) == nullptr ? 1u : 0u};
}

cli::Cleared clear_pppoe_session(const View& view, CircuitId line) {
  if (view.records.circuit(line) == nullptr) return {};
  view.handle(engine::ClearCircuit{line});
  return {0, view.records.circuit(line) == nullptr ? 1u : 0u};
}

cli::Document document(const View& view, const cli::Command& command) {
  using cli::CommandId;
  switch (command.id) {
    case CommandId::show_l2tp: return show_l2tp(view);
    case CommandId::show_l2tp_tunnel: return show_tunnels(view, command.tunnel());
    case CommandId::show_l2tp_session: return show_sessions(view, command.tunnel(), command.session());
    case CommandId::show_l2tp_failover: return show_failovers(view, command.tunnel());
    case CommandId::test_l2tp_failover: return test_failover(view, command.tunnel());
    case CommandId::show_l2tp_destination_profile: return show_destination_profiles(view, command.name());
    case CommandId::show_l2tp_destination_lockout: return show_lockouts(view);
    case CommandId::show_subscribers: return show_subscribers(view, command.name());
    case CommandId::show_pppoe_session: return show_pppoe_sessions(view, command.line());
    case CommandId::clear_pppoe_session: return clear_pppoe_session(view, command.line().value_or(CircuitId{}));
    case CommandId::show_dataplane: return show_dataplane(view);
    case CommandId::show_running_config: {
      const auto secrets = command.passwords() ? config::Secrets::shown : config::Secrets::hidden;
      return cli::RunningConfig{config::running_config(view.config, secrets)};
    }
    case CommandId::show_version: return show_version(view);
    case CommandId::show_checkpoint: return show_checkpoint(view);
    case CommandId::clear_l2tp_tunnel: return clear_tunnel(view, command.tunnel().value_or(TunnelId{}));
    case CommandId::clear_l2tp_session:
      return clear_session(view, command.tunnel().value_or(TunnelId{}), command.session().value_or(SessionId{}));
    case CommandId::test_l2tp_call:
    case CommandId::help: break;
  }
  return cli::Cleared{};
}

}  // namespace

CommandServer::Answer answer(const View& view, const cli::Command& command) {
  if (command.id == cli::CommandId::help) return {true, command.help};
  const auto shown = document(view, command);
  const auto* cleared = std::get_if<cli::Cleared>(&shown);
  const auto* drill = std::get_if<cli::Drill>(&shown);
  const bool in_vain =
      (cleared != nullptr && cleared->tunnels + cleared->sessions == 0) || (drill != nullptr && drill->tunnels == 0);
  return {!in_vain, cli::answer(command, shown)};
}

}  // namespace holdfast::io
