// holdfastd: the control process. Reads its options and its configuration, opens the checkpoint, runs the loop.
#include "config/loader.hpp"
#include "io/checkpoint_file.hpp"
#include "io/daemon.hpp"
#include "io/version.hpp"

#include <CLI/CLI.hpp>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <filesystem>
#include <stdexcept>

namespace {

using namespace holdfast;

constexpr int kBadConfiguration = 1, kBadUsage = 2, kCannotStart = 3;

spdlog::level::level_enum level_of(config::LogLevel level) {
  switch (level) {
    case config::LogLevel::debug: return spdlog::level::debug;
    case config::LogLevel::info: return spdlog::level::info;
    case config::LogLevel::warning: return spdlog::level::warn;
    case config::LogLevel::error: return spdlog::level::err;
  }
  return spdlog::level::info;
}

void declare(CLI::App& app, io::Options& options) {
  app.add_option("--instance", options.instance, "Name of this instance, the same as the dataplane's")
      ->capture_default_str();
  app.add_option("--run-dir", options.run_dir, "Directory of sockets; the instance has a directory in it")
      ->capture_default_str();
  app.add_option("--shm-dir", options.shm_dir, "Directory of the shared-memory regions")->capture_default_str();
  app.add_option("--state-dir", options.state_dir, "Directory of the copy of the checkpoint, where one is kept")
      ->capture_default_str();
  app.add_option("--config", options.config, "Configuration file (default: /etc/holdfast/INSTANCE.conf)");
  app.add_option("--max-sessions", options.max_sessions, "Sessions to provide for, the same as the dataplane's")
      ->check(CLI::Range(1u, kMostSessions))
      ->capture_default_str();
  app.add_option("--max-tunnels", options.max_tunnels, "Tunnels to provide for")
      ->check(CLI::Range(2u, std::uint32_t{kAccessTunnels}))
      ->capture_default_str();
  app.add_flag("--check-checkpoint", options.check_checkpoint,
               "Say whether this program would go on from the instance's checkpoint, in use or not, and leave");
  app.add_flag("--check-config", options.check_config, "Say what is wrong with the configuration, and leave");
  app.set_version_flag("--version", std::string("holdfastd ") + io::kVersion);
}

int say_whether_it_goes_on(const io::Options& options) {
  const auto checked = io::check_checkpoint(options);
  std::fprintf(checked ? stdout : stderr, "%s\n", (checked ? *checked : checked.error()).c_str());
  return checked ? 0 : kCannotStart;
}

int run(const io::Options& options, const config::Config& config, TimePoint started) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(options.run_dir) / options.instance, error);
  auto checkpoint = io::open_checkpoint(options, started);
  if (!checkpoint) {
    spdlog::error("{}", checkpoint.error());
    return kCannotStart;
  }
  io::Daemon daemon(options, config, std::move(*checkpoint), started);
  daemon.run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const TimePoint started = io::now();
  io::Options options;
  CLI::App app{"Holdfast control process: L2TP tunnels, sessions and subscribers. A restart goes on where it was.",
               "holdfastd"};
  declare(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kBadUsage;
  }
  if (options.config.empty()) options.config = "/etc/holdfast/" + options.instance + ".conf";
  spdlog::set_default_logger(spdlog::stderr_logger_mt("holdfastd"));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e %n %l: %v");
  const auto config = config::load(options.config);
  if (!config) {
    std::fputs(config::describe(options.config, config.error()).c_str(), stderr);
    return kBadConfiguration;
  }
  if (config->checkpoint_copy)
    options.copy = (std::filesystem::path(options.state_dir) / (options.instance + ".checkpoint")).string();
  if (options.check_checkpoint) return say_whether_it_goes_on(options);
  if (options.check_config) return 0;
  spdlog::set_level(level_of(config->log_level));
  try {
    return run(options, *config, started);
  } catch (const std::exception& error) {
    spdlog::error("{}", error.what());
    return kCannotStart;
  }
}
