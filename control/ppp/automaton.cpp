#include "ppp/automaton.hpp"

#include <array>

namespace holdfast::ppp {
namespace {

// The names and numbers of the table in RFC 1661 4.1, so that the two can be laid side by side.
constexpr Actions tld = kLayerDown, irc = kInitializeRestartCount, zrc = kZeroRestartCount, scr = kSendConfigureRequest,
                  str = kSendTerminateRequest, sca = kSendConfigureAck, scn = kSendConfigureNak,
                  sta = kSendTerminateAck, scj = kSendCodeReject, ser = kSendEchoReply, tls = kLayerStarted,
                  tlu = kLayerUp, tlf = kLayerFinished;
constexpr Transition no{};
constexpr Transition go(Actions actions, unsigned next) { return {actions, static_cast<State>(next), true}; }
constexpr Transition go(unsigned next) { return go(0, next); }

// Of the options that the RFC leaves open: TO- finishes the layer (not passive, [p]); an Open in Stopped, Closing,
// Stopping or Opened does not restart ([r]); a crossed Configure-Ack is answered with a new request ([x]).
// clang-format off
constexpr std::array<std::array<Transition, 6>, kEvents> kFirstStates{{
  //           0 Initial   1 Starting      2 Closed        3 Stopped           4 Closing   5 Stopping
  /* Up    */ {{go(2),      go(irc|scr, 6), no,             no,                 no,         no}},
  /* Down  */ {{no,         no,             go(0),          go(tls, 1),         go(0),      go(1)}},
  /* Open  */ {{go(tls, 1), go(1),          go(irc|scr, 6), go(3),              go(5),      go(5)}},
  /* Close */ {{go(0),      go(tlf, 0),     go(2),          go(2),              go(4),      go(4)}},
  /* TO+   */ {{no,         no,             no,             no,                 go(str, 4), go(str, 5)}},
  /* TO-   */ {{no,         no,             no,             no,                 go(tlf, 2), go(tlf, 3)}},
  /* RCR+  */ {{no,         no,             go(sta, 2),     go(irc|scr|sca, 8), go(4),      go(5)}},
  /* RCR-  */ {{no,         no,             go(sta, 2),     go(irc|scr|scn, 6), go(4),      go(5)}},
  /* RCA   */ {{no,         no,             go(sta, 2),     go(sta, 3),         go(4),      go(5)}},
  /* RCN   */ {{no,         no,             go(sta, 2),     go(sta, 3),         go(4),      go(5)}},
  /* RTR   */ {{no,         no,             go(sta, 2),     go(sta, 3),         go(sta, 4), go(sta, 5)}},
  /* RTA   */ {{no,         no,             go(2),          go(3),              go(tlf, 2), go(tlf, 3)}},
  /* RUC   */ {{no,         no,             go(scj, 2),     go(scj, 3),         go(scj, 4), go(scj, 5)}},
  /* RXJ+  */ {{no,         no,             go(2),          go(3),              go(4),      go(5)}},
  /* RXJ-  */ {{no,         no,             go(tlf, 2),     go(tlf, 3),         go(tlf, 2), go(tlf, 3)}},
  /* RXR   */ {{no,         no,             go(2),          go(3),              go(4),      go(5)}},
}};

constexpr std::array<std::array<Transition, 4>, kEvents> kLastStates{{
  //           6 Req-Sent      7 Ack-Rcvd      8 Ack-Sent      9 Opened
  /* Up    */ {{no,             no,             no,             no}},
  /* Down  */ {{go(1),          go(1),          go(1),          go(tld, 1)}},
  /* Open  */ {{go(6),          go(7),          go(8),          go(9)}},
  /* Close */ {{go(irc|str, 4), go(irc|str, 4), go(irc|str, 4), go(tld|irc|str, 4)}},
  /* TO+   */ {{go(scr, 6),     go(scr, 6),     go(scr, 8),     no}},
  /* TO-   */ {{go(tlf, 3),     go(tlf, 3),     go(tlf, 3),     no}},
  /* RCR+  */ {{go(sca, 8),     go(sca|tlu, 9), go(sca, 8),     go(tld|scr|sca, 8)}},
  /* RCR-  */ {{go(scn, 6),     go(scn, 7),     go(scn, 6),     go(tld|scr|scn, 6)}},
  /* RCA   */ {{go(irc, 7),     go(scr, 6),     go(irc|tlu, 9), go(tld|scr, 6)}},
  /* RCN   */ {{go(irc|scr, 6), go(scr, 6),     go(irc|scr, 8), go(tld|scr, 6)}},
  /* RTR   */ {{go(sta, 6),     go(sta, 6),     go(sta, 6),     go(tld|zrc|sta, 5)}},
  /* RTA   */ {{go(6),          go(6),          go(8),          go(tld|scr, 6)}},
  /* RUC   */ {{go(scj, 6),     go(scj, 7),     go(scj, 8),     go(scj, 9)}},
  /* RXJ+  */ {{go(6),          go(6),          go(8),          go(9)}},
  /* RXJ-  */ {{go(tlf, 3),     go(tlf, 3),     go(tlf, 3),     go(tld|irc|str, 5)}},
  /* RXR   */ {{go(6),          go(7),          go(8),          go(ser, 9)}},
}};
// clang-format on

constexpr Transition cell(std::size_t event, std::size_t state) {
  constexpr std::size_t kFirst = kFirstStates[0].size();
  return state < kFirst ? kFirstStates[event][state] : kLastStates[event][state - kFirst];
}

// What must hold of the table, whatever a typing error would like.
constexpr bool timer_runs_exactly_where_it_may_expire() {
  for (std::size_t s = 0; s < kStates; ++s)
    for (const Event timeout : {Event::timeout_plus, Event::timeout_minus})
      if (cell(static_cast<std::size_t>(timeout), s).legal != restart_timer_runs(static_cast<State>(s))) return false;
  return true;
}

template <class Holds>
constexpr bool for_each_transition(Holds holds) {
  for (std::size_t e = 0; e < kEvents; ++e)
    for (std::size_t s = 0; s < kStates; ++s)
      if (const Transition t = cell(e, s); t.legal && !holds(static_cast<State>(s), t)) return false;
  return true;
}
constexpr bool layer_is_up_exactly_in_opened(State from, const Transition& t) {
  const bool comes = from != State::opened && t.next == State::opened;
  const bool goes = from == State::opened && t.next != State::opened;
  return ((t.actions & tlu) != 0) == comes && ((t.actions & tld) != 0) == goes;
}
constexpr bool timer_is_started_where_it_begins_to_run(State from, const Transition& t) {
  const bool begins = !restart_timer_runs(from) && restart_timer_runs(t.next);
  return !begins || (t.actions & (scr | str | zrc)) != 0;
}
static_assert(timer_runs_exactly_where_it_may_expire());
static_assert(for_each_transition(layer_is_up_exactly_in_opened));
static_assert(for_each_transition(timer_is_started_where_it_begins_to_run));

}  // namespace

Transition transition(State state, Event event) {
  const auto s = static_cast<std::size_t>(state);
  return s < kStates ? cell(static_cast<std::size_t>(event), s) : no;
}

}  // namespace holdfast::ppp
