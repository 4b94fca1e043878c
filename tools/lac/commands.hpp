// The generator's control while it runs: a command a line, an answer a line, each answer one JSON object. Answers come
// when the thing is done, so those of quick commands may overtake those of slow ones; each names its command.
#pragma once

#include "lac/generator.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::lac {

class Commands {
 public:
  Commands(Generator& generator, std::ostream& out) : generator_(generator), out_(out) {}

  // Octets as they were read from the input; whole lines are carried out.
  void feed(std::string_view input, TimePoint now);
  // Answers what is done by now.
  void run(TimePoint now);
  // When run() is wanted though nothing arrives.
  TimePoint next_due(TimePoint now) const;
  bool wants_quit() const { return quit_; }
  bool wants_quiet() const { return quiet_; }  // no StopCCN

 private:
  using Json = nlohmann::json;
  using Words = std::vector<std::string>;
  // Gives the answer once there is one.
  using Answer = std::function<std::optional<Json>(TimePoint now)>;
  struct Command {
    std::string_view name;
    std::string_view help;
    Answer (Commands::*begin)(const Words& words, TimePoint now);
  };
  struct Pending {
    std::string command;
    Answer answer;
  };

  void carry_out(const std::string& line, TimePoint now);
  void print(const std::string& command, Json answer);
  Answer help(const Words& words, TimePoint now);
  Answer status(const Words& words, TimePoint now);
  Answer wait(const Words& words, TimePoint now);
  Answer hello(const Words& words, TimePoint now);
  Answer call(const Words& words, TimePoint now);
  Answer hang_up(const Words& words, TimePoint now);
  Answer echo(const Words& words, TimePoint now);
  Answer ping_start(const Words& words, TimePoint now);
  Answer ping_stop(const Words& words, TimePoint now);
  Answer quit(const Words& words, TimePoint now);

  static const Command kCommands[];

  Generator& generator_;
  std::ostream& out_;
  std::string line_;  // begun and not ended yet
  std::vector<Pending> pending_;
  bool quit_ = false;
  bool quiet_ = false;
};

}  // namespace holdfast::lac
