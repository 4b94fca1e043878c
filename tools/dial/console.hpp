// A generator's control while it runs: a command a line, an answer a line, each answer one JSON object that names its
// command. Answers come when the thing is done, so those of quick commands may overtake those of slow ones.
#pragma once

#include "wire/time.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::dial {

class Console {
 public:
  using Json = nlohmann::json;
  using Words = std::vector<std::string>;
  // Gives the answer once there is one.
  using Answer = std::function<std::optional<Json>(TimePoint now)>;
  struct Command {
    std::string_view name;
    std::string_view help;
    std::function<Answer(const Words& words, TimePoint now)> begin;
  };

  // The command help, which lists them, is added.
  Console(std::vector<Command> commands, std::ostream& out);

  // Octets as they were read from the input; whole lines are carried out.
  void feed(std::string_view input, TimePoint now);
  // Answers what is done by now.
  void run(TimePoint now);
  // When run() is wanted though nothing arrives.
  TimePoint next_due(TimePoint now) const;
  void print(const std::string& command, const Json& answer);

  // An answer that is there already.
  static Answer at_once(Json answer);
  static Json error(const std::string& what) { return {{"error", what}}; }
  // The number at this place of the words; 0 where there is none.
  static std::uint32_t number_in(const Words& words, std::size_t at);

 private:
  struct Pending {
    std::string command;
    Answer answer;
  };
  void carry_out(const std::string& line, TimePoint now);

  std::vector<Command> commands_;
  std::ostream& out_;
  std::string line_;  // begun and not ended yet
  std::vector<Pending> pending_;
};

}  // namespace holdfast::dial
