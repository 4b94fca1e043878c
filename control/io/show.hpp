// Documents for the show commands (cli/documents.hpp), filled from live state.
#pragma once

#include "cli/documents.hpp"
#include "io/view.hpp"

#include <optional>

namespace holdfast::io {

// Those with an id or a name hold only what it names.
cli::L2tpSummary show_l2tp(const View& view);
cli::Tunnels show_tunnels(const View& view, std::optional<TunnelId> tunnel);
cli::Sessions show_sessions(const View& view, std::optional<TunnelId> tunnel, std::optional<SessionId> session);
cli::Failovers show_failovers(const View& view, std::optional<TunnelId> tunnel);
cli::DestinationProfiles show_destination_profiles(const View& view, std::optional<std::string_view> name);
cli::Lockouts show_lockouts(const View& view);
cli::Subscribers show_subscribers(const View& view, std::optional<std::string_view> user);
cli::PppoeSessions show_pppoe_sessions(const View& view, std::optional<CircuitId> line);
cli::Dataplane show_dataplane(const View& view);
cli::Checkpoint show_checkpoint(const View& view);
cli::Drill test_failover(const View& view, std::optional<TunnelId> tunnel);

}  // namespace holdfast::io
