#include "cli/upgrade_command.hpp"

#include "abi/attach.hpp"
#include "cli/client.hpp"
#include "wire/result.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace holdfast::cli {
namespace {

using Clock = std::chrono::steady_clock;
using nlohmann::json;

constexpr int kNotMoved = 1, kUsage = 2, kNoDaemon = 3;
constexpr int kUsageOfDaemon = 2;  // its exit status when it does not know an option
constexpr auto kPause = std::chrono::milliseconds(5);

struct Options {
  std::string instance{abi::kDefaultInstance};
  std::string run_dir{abi::kDefaultRunDir};
  std::string shm_dir{abi::kDefaultShmDir};
  std::string binary;  // empty: what is now at the path of the running one
  unsigned patience = 60;
};

int say(int status, const std::string& what) {
  std::fprintf(stderr, "holdfast: %s\n", what.c_str());
  return status;
}

// What the daemon says of itself.
struct Daemon {
  std::string version;
  std::string config_file;
  pid_t pid{};
  std::uint64_t tunnels{}, sessions{};
  bool restored{};
  std::string refusal;
  double restore_ms{};
};

Result<json, std::string> ask_json(const Options& options, const char* command) {
  const auto reply =
      ask(socket_path(options.run_dir, options.instance), std::string(command) + " | json", std::chrono::seconds(10));
  if (!reply) return fail(reply.error());
  auto document = json::parse(reply->body, nullptr, false);
  if (!reply->ok || document.is_discarded()) return fail("\"" + std::string(command) + "\" gives no JSON");
  return document;
}

Result<Daemon, std::string> ask_daemon(const Options& options) {
  const auto version = ask_json(options, "show version");
  const auto l2tp = version ? ask_json(options, "show l2tp") : version;
  const auto checkpoint = l2tp ? ask_json(options, "show checkpoint") : l2tp;
  if (!checkpoint) return fail(checkpoint.error());
  Daemon d;
  d.version = version->value("version", "");
  d.config_file = version->value("config_file", "");
  d.pid = version->value("pid", pid_t{});
  d.tunnels = l2tp->at("tunnels").value("active", std::uint64_t{});
  d.sessions = l2tp->at("sessions").value("active", std::uint64_t{});
  d.restored = checkpoint->value("restored", false);
  d.refusal = checkpoint->value("refusal", "");
  if (const auto ms = checkpoint->find("restore_ms"); ms != checkpoint->end() && ms->is_number()) d.restore_ms = *ms;
  return d;
}

// A program that ran to its end: its exit status, or -1, and what it wrote.
struct Ran {
  int status = -1;
  std::string said;
};

Ran run(const std::vector<std::string>& words) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) return {};
  std::vector<char*> argv;
  for (const auto& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    for (const int fd : {STDOUT_FILENO, STDERR_FILENO}) ::dup2(ends[1], fd);
    ::close(ends[0]);
    ::close(ends[1]);
    ::execvp(argv[0], argv.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  Ran ran;
  std::array<char, 4096> chunk;
  for (ssize_t n; (n = ::read(ends[0], chunk.data(), chunk.size())) > 0;)
    ran.said.append(chunk.data(), static_cast<std::size_t>(n));
  ::close(ends[0]);
  int status = 0;
  if (child > 0 && ::waitpid(child, &status, 0) == child && WIFEXITED(status)) ran.status = WEXITSTATUS(status);
  while (ran.said.ends_with('\n')) ran.said.pop_back();
  return ran;
}

// The path at which a process was started; there may be another file by now.
std::string program_of(pid_t pid) {
  std::error_code error;
  std::string path = std::filesystem::read_symlink("/proc/" + std::to_string(pid) + "/exe", error).string();
  constexpr std::string_view kReplaced = " (deleted)";
  if (path.ends_with(kReplaced)) path.resize(path.size() - kReplaced.size());
  return path;
}

bool runs(pid_t pid, const std::string& program) {
  struct stat running {
  }, file{};
  return ::stat(("/proc/" + std::to_string(pid) + "/exe").c_str(), &running) == 0 &&
         ::stat(program.c_str(), &file) == 0 && running.st_dev == file.st_dev && running.st_ino == file.st_ino;
}

// Why the new program can't take the place of the running one; empty: it can, and `how` says how it would go on.
std::string obstacle(const Options& options, const Daemon& running, std::string& how) {
  const Ran version = run({options.binary, "--version"});
  if (version.status != 0) return options.binary + " can't be run: " + version.said;
  const Ran configuration = run({options.binary, "--check-config", "--config", running.config_file});
  if (configuration.status != 0) return options.binary + " does not take the configuration:\n" + configuration.said;
  const Ran checkpoint = run({options.binary, "--check-checkpoint", "--instance", options.instance, "--shm-dir",
                              options.shm_dir, "--config", running.config_file});
  if (checkpoint.status == kUsageOfDaemon)
    return options.binary + " (" + version.said + ") can't say whether it reads the checkpoint: it is too old";
  if (checkpoint.status != 0) return options.binary + " (" + version.said + ") would not go on: " + checkpoint.said;
  how = version.said + ": " + checkpoint.said;
  return {};
}

// The unit of systemd that the process belongs to; empty: none.
std::string unit_of(const Options& options, pid_t pid) {
  const std::string unit = "holdfastd@" + options.instance + ".service";
  std::ifstream groups("/proc/" + std::to_string(pid) + "/cgroup");
  for (std::string line; std::getline(groups, line);)
    if (line.ends_with("/" + unit)) return unit;
  return {};
}

std::string restart(const Options& options, const Daemon& running) {
  const std::string unit = unit_of(options, running.pid);
  if (!unit.empty()) {
    const Ran systemctl = run({"systemctl", "restart", unit});
    return systemctl.status == 0 ? "" : "systemctl restart " + unit + ": " + systemctl.said;
  }
  std::printf(
      "holdfastd (process %d) belongs to no unit of systemd: it is told to end, and whoever started it is to\n"
      "start %s now\n",
      running.pid, options.binary.c_str());
  std::fflush(stdout);
  return ::kill(running.pid, SIGTERM) == 0 ? "" : std::string("it can't be told to end: ") + std::strerror(errno);
}

std::optional<Daemon> wait_for_another(const Options& options, pid_t old) {
  const auto end = Clock::now() + std::chrono::seconds(options.patience);
  while (Clock::now() < end) {
    const auto daemon = ask_daemon(options);
    if (daemon && daemon->pid != old) return *daemon;
    std::this_thread::sleep_for(kPause);
  }
  return std::nullopt;
}

int upgrade(Options options) {
  const auto before = ask_daemon(options);
  if (!before) return say(kNoDaemon, before.error());
  if (options.binary.empty()) options.binary = program_of(before->pid);
  std::string how;
  if (const auto why = obstacle(options, *before, how); !why.empty())
    return say(kNotMoved, why + "\nholdfast: nothing was done; " + before->version + " goes on");
  std::printf("%s\n", how.c_str());
  const auto started = Clock::now();
  if (const auto why = restart(options, *before); !why.empty()) return say(kNotMoved, why);
  const auto after = wait_for_another(options, before->pid);
  if (!after)
    return say(kNotMoved, "no other holdfastd answers after " + std::to_string(options.patience) +
                              " s. The checkpoint is kept: start one, and the sessions go on");
  const auto away = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - started);
  std::printf(
      "version   %s -> %s\nprocess   %d -> %d\ntunnels   %lu -> %lu\nsessions  %lu -> %lu\n"
      "away      %ld ms, of which %.0f ms from the start of the new process to its state restored\n",
      before->version.c_str(), after->version.c_str(), before->pid, after->pid, before->tunnels, after->tunnels,
      before->sessions, after->sessions, static_cast<long>(away.count()), after->restore_ms);
  if (!after->restored) return say(kNotMoved, "it did not go on from the checkpoint: " + after->refusal);
  if (!runs(after->pid, options.binary))
    return say(kNotMoved, "it is " + program_of(after->pid) + " that runs now, not " + options.binary);
  return 0;
}

}  // namespace

int run_upgrade_command(int argc, const char* const* argv) {
  Options options;
  CLI::App app{"Holdfast command line: moves the running instance to another holdfastd, with its sessions.",
               "holdfast"};
  app.require_subcommand(1);
  CLI::App* const command = app.add_subcommand("upgrade", "Move to another holdfastd");
  command->fallthrough();
  app.add_option("--instance", options.instance, "Which instance")->capture_default_str();
  app.add_option("--run-dir", options.run_dir, "Directory of sockets; the instance has a directory in it")
      ->capture_default_str();
  app.add_option("--shm-dir", options.shm_dir, "Directory of the shared-memory regions")->capture_default_str();
  app.add_option("--binary", options.binary, "The new holdfastd (default: what is now where the running one was)")
      ->check(CLI::ExistingFile);
  app.add_option("--patience", options.patience, "Seconds to wait for the new one")
      ->check(CLI::Range(1u, 3600u))
      ->capture_default_str();
  app.footer(
      "It is asked first whether it takes the configuration and the checkpoint; if not, nothing is done.\n"
      "\nExit status: 0 moved, 1 refused or not as wanted, 2 wrong usage, 3 no daemon to move.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
  return upgrade(std::move(options));
}

}  // namespace holdfast::cli
