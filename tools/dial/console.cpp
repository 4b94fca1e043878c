#include "dial/console.hpp"

#include <charconv>
#include <ostream>
#include <sstream>

namespace holdfast::dial {
namespace {

constexpr Duration kLook = std::chrono::milliseconds(10);  // how often a pending answer is looked at

}  // namespace

Console::Console(std::vector<Command> commands, std::ostream& out) : commands_(std::move(commands)), out_(out) {
  auto list = Json::array({"help: this list"});
  for (const auto& command : commands_) list.push_back(command.help);
  commands_.insert(commands_.begin(), {"help", {}, [list](const Words&, TimePoint) {
                                         return at_once({{"commands", list}});
                                       }});
}

void Console::feed(std::string_view input, TimePoint now) {
  for (const char c : input) {
    if (c != '\n') {
      line_ += c;
      continue;
    }
    carry_out(line_, now);
    line_.clear();
  }
}

void Console::carry_out(const std::string& line, TimePoint now) {
  std::istringstream in(line);
  Words words;
  for (std::string word; in >> word;) words.push_back(word);
  if (words.empty()) return;
  for (const auto& command : commands_) {
    if (command.name != words[0]) continue;
    pending_.push_back({words[0], command.begin(words, now)});
    return run(now);
  }
  print(words[0], error("no such command; try help"));
}

void Console::print(const std::string& command, const Json& answer) {
  Json out = {{"command", command}};
  out.update(answer);
  out_ << out.dump() << std::endl;
}

void Console::run(TimePoint now) {
  std::erase_if(pending_, [&](const Pending& pending) {
    const auto answer = pending.answer(now);
    if (answer) print(pending.command, *answer);
    return answer.has_value();
  });
}

TimePoint Console::next_due(TimePoint now) const { return pending_.empty() ? kNever : now + kLook; }

Console::Answer Console::at_once(Json answer) {
  return [answer = std::move(answer)](TimePoint) { return std::optional(answer); };
}

std::uint32_t Console::number_in(const Words& words, std::size_t at) {
  std::uint32_t out = 0;
  if (at < words.size()) std::from_chars(words[at].data(), words[at].data() + words[at].size(), out);
  return out;
}

}  // namespace holdfast::dial
