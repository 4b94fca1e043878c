// The readable form of each document. The command says what was asked for: one tunnel or all, and in how much detail.
#pragma once

#include "cli/command.hpp"
#include "cli/documents.hpp"

#include <string>

namespace holdfast::cli {

std::string text_of(const L2tpSummary& summary, const Command& command);
std::string text_of(const Tunnels& tunnels, const Command& command);
std::string text_of(const Sessions& sessions, const Command& command);
std::string text_of(const DestinationProfiles& profiles, const Command& command);
std::string text_of(const Lockouts& lockouts, const Command& command);
std::string text_of(const Subscribers& subscribers, const Command& command);
std::string text_of(const PppoeSessions& sessions, const Command& command);
std::string text_of(const Dataplane& dataplane, const Command& command);
std::string text_of(const RunningConfig& config, const Command& command);
std::string text_of(const Version& version, const Command& command);
std::string text_of(const Checkpoint& checkpoint, const Command& command);
std::string text_of(const Failovers& failovers, const Command& command);
std::string text_of(const Drill& drill, const Command& command);
std::string text_of(const Cleared& cleared, const Command& command);
std::string text_of(const PlacedCall& call, const Command& command);

}  // namespace holdfast::cli
