// holdfast: the command line. Sends commands to the daemon and prints what it answers.
#include "abi/attach.hpp"
#include "cli/checkpoint_command.hpp"
#include "cli/client.hpp"
#include "cli/command.hpp"
#include "cli/first_word.hpp"
#include "cli/upgrade_command.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

namespace {

using namespace holdfast;

constexpr int kRefused = 1, kUsage = 2, kNoDaemon = 3;

struct Options {
  std::string instance{abi::kDefaultInstance};
  std::string run_dir{abi::kDefaultRunDir};
  unsigned patience = 10;
  std::vector<std::string> commands;
  std::vector<std::string> words;
};

void declare(CLI::App& app, Options& options) {
  app.add_option("--instance", options.instance, "Name of the instance to speak to")->capture_default_str();
  app.add_option("--run-dir", options.run_dir, "Directory of sockets; the instance has a directory in it")
      ->capture_default_str();
  app.add_option("--patience", options.patience, "Seconds to wait for an answer")
      ->check(CLI::Range(1u, 3600u))
      ->capture_default_str();
  app.add_option("-c,--command", options.commands, "A command; may be given several times, to the first that fails")
      ->expected(1)
      ->take_all();
  app.add_option("words", options.words, "One command without quotes: holdfast show l2tp");
  app.set_version_flag("--version", "holdfast " HOLDFAST_VERSION);
  app.footer(
      "Commands:\n" + cli::help("") +
      "\nTo another program:\n  holdfast upgrade   Move the running instance to another holdfastd, with its sessions\n"
      "\nWithout a daemon:\n  holdfast checkpoint show|verify|diff   Look into checkpoint regions, in use or kept\n"
      "\nExit status: 0 done, 1 the daemon refused the command, 2 wrong usage, 3 no daemon to speak to.");
}

// A call takes its time.
std::chrono::seconds patience(const Options& options, const std::string& command) {
  const auto matched = cli::match(command);
  const bool call = matched && matched->id == cli::CommandId::test_l2tp_call;
  const std::chrono::seconds asked(options.patience);
  return call ? std::max(asked, cli::kCallLimit + std::chrono::seconds(5)) : asked;
}

// The exit status.
int run(const Options& options, const std::string& command) {
  if (command.find('\n') != std::string::npos) {
    std::fputs("holdfast: a command is one line\n", stderr);
    return kUsage;
  }
  const auto path = cli::socket_path(options.run_dir, options.instance);
  const auto reply = cli::ask(path, command, patience(options, command));
  if (!reply) {
    std::fprintf(stderr, "holdfast: %s\n", reply.error().c_str());
    return kNoDaemon;
  }
  std::fwrite(reply->body.data(), 1, reply->body.size(), reply->ok ? stdout : stderr);
  return reply->ok ? 0 : kRefused;
}

}  // namespace

int main(int argc, char** argv) {
  if (cli::first_word(argc, argv) == "checkpoint") return cli::run_checkpoint_command(argc, argv);
  if (cli::first_word(argc, argv) == "upgrade") return cli::run_upgrade_command(argc, argv);
  Options options;
  CLI::App app{"Holdfast command line: shows and controls the daemon of one instance.", "holdfast"};
  declare(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
  if (!options.words.empty()) {
    std::string line;
    for (const auto& word : options.words) line += (line.empty() ? "" : " ") + word;
    options.commands.push_back(line);
  }
  if (options.commands.empty()) {
    std::fputs(app.help().c_str(), stderr);
    return kUsage;
  }
  for (const auto& command : options.commands)
    if (const int status = run(options, command); status != 0) return status;
  return 0;
}
