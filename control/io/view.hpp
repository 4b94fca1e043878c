// What commands may look at, and the little that they may do.
#pragma once

#include "cli/command.hpp"
#include "config/model.hpp"
#include "engine/engine.hpp"
#include "forwarding/port.hpp"
#include "forwarding/route_feed.hpp"
#include "io/checkpoint_file.hpp"
#include "io/command_server.hpp"
#include "io/disk_copy.hpp"
#include "io/options.hpp"
#include "io/restart_times.hpp"

#include <functional>

namespace holdfast::io {

struct View {
  const Options& options;
  const config::Config& config;
  const engine::Engine& engine;
  const Records& records;
  const CheckpointFile& checkpoint;
  const DiskCopy* copy;  // nullptr: none is kept
  const forwarding::Port& port;
  const forwarding::RouteFeed& routes;
  const RestartTimes& times;
  const std::string& no_dataplane;  // why, while there is none
  TimePoint now;
  std::function<void(const engine::Event&)> handle;  // clear commands
};

// The answer to any command but test l2tp call, whose answer comes later. In show.cpp.
CommandServer::Answer answer(const View& view, const cli::Command& command);

}  // namespace holdfast::io
