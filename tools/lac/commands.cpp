#include "lac/commands.hpp"

#include "dial/address.hpp"
#include "lac/report.hpp"

#include <ostream>

namespace holdfast::lac {
namespace {

constexpr Duration kLastReply = std::chrono::seconds(2);  // how long an answer to the last ping may take

std::int64_t nanoseconds(TimePoint t) { return t.time_since_epoch().count(); }

}  // namespace

constexpr Commands::Command Commands::kCommands[] = {
    {"status", "status [addresses]: everything counted so far; addresses: those of all sessions, too",
     &Commands::status},
    {"wait", "wait: until every call of the set-up has come up or failed; its figures", &Commands::wait},
    {"hello", "hello: HELLO in one tunnel, again every 2 ms until acknowledged; CLOCK_MONOTONIC of both",
     &Commands::hello},
    {"recovered", "recovered: when the LNS, after its restart, has recovered every tunnel and session by RFC 4951",
     &Commands::recovered},
    {"call", "call N: N more calls; answers when they have come up or failed", &Commands::call},
    {"hangup", "hangup N [drop]: ends N calls, by LCP Terminate-Request and CDN; drop: CDN alone", &Commands::hang_up},
    {"echo", "echo: LCP Echo-Request in all sessions; counts the replies", &Commands::echo},
    {"ping-start", "ping-start [ADDRESS [PPS]]: packets through all sessions in turn", &Commands::ping_start},
    {"ping-stop", "ping-stop: stops them; what was sent, received, lost, and the longest gap", &Commands::ping_stop},
    {"quit", "quit [quiet]: StopCCN in all tunnels, then ends; quiet: without a word to the LNS", &Commands::quit},
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
  return Console::at_once(status_of(generator_, words.size() > 1 && words[1] == "addresses"));
}

Commands::Answer Commands::wait(const Words&, TimePoint) {
  return [this](TimePoint) -> std::optional<Json> {
    if (!generator_.set_up()) return std::nullopt;
    return figures_of(*generator_.set_up());
  };
}

Commands::Answer Commands::hello(const Words&, TimePoint now) {
  if (generator_.hello().is_running()) return Console::at_once(Console::error("a HELLO is unacknowledged already"));
  if (!generator_.hello().start(now)) return Console::at_once(Console::error("no tunnel is up and idle"));
  return [this](TimePoint) -> std::optional<Json> {
    const HelloProbe& probe = generator_.hello();
    if (probe.is_running()) return std::nullopt;
    if (probe.acknowledged_at() == kNever) return Console::error("the tunnel ended");
    return Json{{"tunnel", probe.tunnel() + 1},
                {"copies", probe.copies()},
                {"hello_sent_ns", nanoseconds(probe.sent_at())},
                {"acknowledged_ns", nanoseconds(probe.acknowledged_at())}};
  };
}

Commands::Answer Commands::recovered(const Words&, TimePoint) {
  return [this](TimePoint now) -> std::optional<Json> {
    Lac& lac = generator_.lac();
    if (!lac.all_recovered()) return std::nullopt;
    const Counters c = lac.counters();
    lac.forget_recoveries();
    return Json{{"tunnels", c.tunnels_recovered},
                {"confirmed", c.sessions_confirmed},
                {"denied", c.sessions_denied},
                {"first_ns", nanoseconds(lac.first_recovery())},
                {"recovered_ns", nanoseconds(now)}};
  };
}

Commands::Answer Commands::call(const Words& words, TimePoint now) {
  const Counters before = generator_.lac().counters();
  const auto asked = Console::number_in(words, 1), begun = generator_.lac().call(asked);
  generator_.run(now);
  return [=, this](TimePoint) -> std::optional<Json> {
    if (generator_.lac().pending() > 0) return std::nullopt;
    const Counters& after = generator_.lac().counters();
    return Json{{"asked", asked},
                {"begun", begun},
                {"up", after.calls_came_up - before.calls_came_up},
                {"failed", after.calls_failed - before.calls_failed}};
  };
}

Commands::Answer Commands::hang_up(const Words& words, TimePoint now) {
  const Counters before = generator_.lac().counters();
  const bool politely = words.size() < 3 || words[2] != "drop";
  const auto asked = Console::number_in(words, 1), begun = generator_.lac().hang_up(asked, politely, now);
  generator_.run(now);
  return [=, this](TimePoint) -> std::optional<Json> {
    if (generator_.lac().counters().calls_closing > 0) return std::nullopt;
    return Json{
        {"asked", asked}, {"begun", begun}, {"ended", generator_.lac().counters().calls_ended - before.calls_ended}};
  };
}

Commands::Answer Commands::echo(const Words&, TimePoint now) {
  if (generator_.echo().is_running()) return Console::at_once(Console::error("echo requests are under way already"));
  generator_.echo().start(now);
  return [this](TimePoint) -> std::optional<Json> {
    const EchoRound& echo = generator_.echo();
    if (echo.is_running()) return std::nullopt;
    return Json{{"sent", echo.sent()}, {"answered", echo.answered()}, {"lost", echo.sent() - echo.answered()}};
  };
}

Commands::Answer Commands::ping_start(const Words& words, TimePoint now) {
  bool started = false;
  if (words.size() > 1) {
    const auto target = dial::parse_address(words[1]);
    if (!target) return Console::at_once(Console::error("not an address: " + words[1]));
    started = generator_.pinger().start(*target, words.size() > 2 ? Console::number_in(words, 2) : 100, now);
  } else {
    started = generator_.pinger().start(now);
  }
  return Console::at_once(started ? Json{{"started_ns", nanoseconds(now)}}
                                  : Console::error("no address to ping; see --ping"));
}

Commands::Answer Commands::ping_stop(const Words&, TimePoint) {
  generator_.pinger().stop();
  return [this](TimePoint now) -> std::optional<Json> {
    const dial::Pinger& pinger = generator_.pinger();
    if (!pinger.all_answered() && now < pinger.last_sent() + kLastReply) return std::nullopt;
    return figures_of(pinger.figures());
  };
}

Commands::Answer Commands::quit(const Words& words, TimePoint) {
  quit_ = true;
  quiet_ = words.size() > 1 && words[1] == "quiet";
  return Console::at_once({{"quiet", quiet_}});
}

}  // namespace holdfast::lac
