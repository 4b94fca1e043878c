#include "pppoe/commands.hpp"

#include "dial/address.hpp"

#include <ostream>

namespace holdfast::pppoe {
namespace {

constexpr Duration kLastReply = std::chrono::seconds(2);  // how long an answer to the last ping may take

}  // namespace

constexpr Commands::Command Commands::kCommands[] = {
    {"status", "status [addresses]: everything counted so far; addresses: those of all subscribers, too",
     &Commands::status},
    {"wait", "wait: until every subscriber of the set-up has come up or failed; its figures", &Commands::wait},
    {"dial", "dial [N]: N of those without a session dial, or all; answers when they have come up or failed",
     &Commands::dial},
    {"hangup", "hangup [N] [drop]: ends N sessions, or all, by LCP Terminate-Request and PADT; drop: PADT alone",
     &Commands::hang_up},
    {"ping-start", "ping-start [ADDRESS [PPS]]: packets through all sessions in turn", &Commands::ping_start},
    {"ping-stop", "ping-stop: stops them; what was sent, received, lost, and the longest gap", &Commands::ping_stop},
    {"quit", "quit [quiet]: PADT for all sessions, then ends; quiet: without a word", &Commands::quit},
};

Commands::Commands(Generator& generator, std::ostream& out) : generator_(generator), console_(bound(), out) {}

std::vector<dial::Console::Command> Commands::bound() {
  std::vector<Console::Command> out;
  for (const auto& command : kCommands)
    out.push_back({command.name, command.help, [this, begin = command.begin](const Words& words, TimePoint now) {
                     return (this->*begin)(words, now);
                   }});
  return out;
}

Commands::Answer Commands::status(const Words& words, TimePoint) {
  return Console::at_once(generator_.status(words.size() > 1 && words[1] == "addresses"));
}

Commands::Answer Commands::wait(const Words&, TimePoint) {
  return [this](TimePoint) -> std::optional<Json> {
    if (!generator_.set_up()) return std::nullopt;
    return figures_of(*generator_.set_up());
  };
}

Commands::Answer Commands::dial(const Words& words, TimePoint now) {
  const Counters before = generator_.subscribers().counters();
  const auto asked = words.size() > 1 ? Console::number_in(words, 1) : UINT32_MAX;
  const auto begun = generator_.subscribers().dial(asked);
  generator_.run(now);
  return [=, this](TimePoint) -> std::optional<Json> {
    if (generator_.subscribers().pending() > 0) return std::nullopt;
    const Counters& after = generator_.subscribers().counters();
    return Json{{"begun", begun}, {"up", after.came_up - before.came_up}, {"failed", after.failed - before.failed}};
  };
}

Commands::Answer Commands::hang_up(const Words& words, TimePoint now) {
  const Counters before = generator_.subscribers().counters();
  const bool politely = words.back() != "drop";
  const auto number = Console::number_in(words, 1);
  const auto begun = generator_.subscribers().hang_up(number == 0 ? UINT32_MAX : number, politely, now);
  generator_.run(now);
  return [=, this](TimePoint) -> std::optional<Json> {
    const Counters& after = generator_.subscribers().counters();
    if (after.closing > 0) return std::nullopt;
    return Json{{"begun", begun}, {"ended", after.ended - before.ended}};
  };
}

Commands::Answer Commands::ping_start(const Words& words, TimePoint now) {
  bool started = false;
  if (words.size() > 1) {
    const auto target = dial::parse_address(words[1]);
    if (!target || !target->is_v4()) return Console::at_once(Console::error("not an IPv4 address: " + words[1]));
    started = generator_.pinger().start(*target, words.size() > 2 ? Console::number_in(words, 2) : 100, now);
  } else {
    started = generator_.pinger().start(now);
  }
  if (!started) return Console::at_once(Console::error("no address to ping; see --ping"));
  return Console::at_once({{"started_ns", now.time_since_epoch().count()}});
}

Commands::Answer Commands::ping_stop(const Words&, TimePoint) {
  generator_.pinger().stop();
  return [this](TimePoint now) -> std::optional<Json> {
    const dial::Pinger& pinger = generator_.pinger();
    if (!pinger.all_answered() && now < pinger.last_sent() + kLastReply) return std::nullopt;
    return dial::figures_of(pinger.figures());
  };
}

Commands::Answer Commands::quit(const Words& words, TimePoint) {
  quit_ = true;
  quiet_ = words.size() > 1 && words[1] == "quiet";
  return Console::at_once({{"quiet", quiet_}});
}

}  // namespace holdfast::pppoe
