// What the generator can be told while it runs, and its answers (dial/console.hpp).
#pragma once

#include "dial/console.hpp"
#include "lac/generator.hpp"

#include <iosfwd>

namespace holdfast::lac {

class Commands {
 public:
  Commands(Generator& generator, std::ostream& out);

  void feed(std::string_view input, TimePoint now) { console_.feed(input, now); }
  void run(TimePoint now) { console_.run(now); }
  TimePoint next_due(TimePoint now) const { return console_.next_due(now); }
  bool wants_quit() const { return quit_; }
  bool wants_quiet() const { return quiet_; }  // no StopCCN

 private:
  using Console = dial::Console;
  using Json = Console::Json;
  using Words = Console::Words;
  using Answer = Console::Answer;
  struct Command {
    std::string_view name;
    std::string_view help;
    Answer (Commands::*begin)(const Words& words, TimePoint now);
  };

  std::vector<Console::Command> bound();
  Answer status(const Words& words, TimePoint now);
  Answer wait(const Words& words, TimePoint now);
  Answer hello(const Words& words, TimePoint now);
  Answer recovered(const Words& words, TimePoint now);
  Answer call(const Words& words, TimePoint now);
  Answer hang_up(const Words& words, TimePoint now);
  Answer echo(const Words& words, TimePoint now);
  Answer ping_start(const Words& words, TimePoint now);
  Answer ping_stop(const Words& words, TimePoint now);
  Answer quit(const Words& words, TimePoint now);

  static const Command kCommands[];

  Generator& generator_;
  bool quit_ = false;
  bool quiet_ = false;
  Console console_;
};

}  // namespace holdfast::lac
