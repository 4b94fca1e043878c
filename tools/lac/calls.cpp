// The LAC's side of incoming calls (RFC 2661 5.2.1, 7.4.1).
#include "l2tp/result_code.hpp"
#include "lac/lac.hpp"

#include <algorithm>

namespace holdfast::lac {
namespace {

using l2tp::AvpType;
using l2tp::CallResult;
using l2tp::MessageType;

constexpr unsigned kRoomForReplies = 4;                     // of a channel, left to ICCN and CDN by new calls
constexpr std::size_t kRestOfIds = 64;                      // freed session ids that rest before they are used again
constexpr Duration kReplyLimit = std::chrono::seconds(60);  // for ICRP
// An LNS begins with LCP itself. One that does not is given the time to install the session first.
constexpr Duration kPatienceForLcp = std::chrono::milliseconds(500);

SessionId take_id(Tunnel& tunnel) {
  if (tunnel.free_ids.size() > kRestOfIds || tunnel.sessions.size() >= UINT16_MAX) {
    const SessionId id(tunnel.free_ids.front());
    tunnel.free_ids.pop_front();
    return id;
  }
  tunnel.sessions.push_back(kNoSession);
  return SessionId(static_cast<std::uint16_t>(tunnel.sessions.size()));
}

bool has_id(const Tunnel& tunnel) { return tunnel.sessions.size() < UINT16_MAX || !tunnel.free_ids.empty(); }

}  // namespace

std::uint32_t Lac::find(const Tunnel& tunnel, SessionId id) const {
  const std::size_t index = id.value() - 1u;
  return index < tunnel.sessions.size() ? tunnel.sessions[index] : kNoSession;
}

std::uint32_t Lac::call(std::uint32_t count) {
  std::uint32_t wanted = 0;
  for (std::size_t skipped = 0; wanted < count && skipped < tunnels_.size();) {
    Tunnel& tunnel = tunnels_[next_call_in_++ % tunnels_.size()];
    const auto used = tunnel.sessions.size() - tunnel.free_ids.size() + tunnel.calls_wanted;
    if (tunnel.state != TunnelState::established || used >= UINT16_MAX) {
      ++skipped;
      continue;
    }
    skipped = 0;
    ++wanted;
    ++calls_wanted_;
    if (tunnel.calls_wanted++ == 0) callers_.push_back(number(tunnel));
  }
  return wanted;
}

// In turn, so that the tunnels grow alike; a tunnel whose channel is busy is passed over.
void Lac::start_calls(TimePoint now) {
  for (std::size_t busy = 0; !callers_.empty() && busy < callers_.size();) {
    if (counters_.calls_open >= settings_.parallel) return;
    Tunnel& tunnel = tunnels_[callers_.front()];
    const bool can = tunnel.wanted.empty() && tunnel.delivery.room() > kRoomForReplies && has_id(tunnel);
    if (can && !rate_allows(now)) return;
    callers_.pop_front();
    if (can) begin_call(tunnel, now);
    if (tunnel.calls_wanted > 0) callers_.push_back(number(tunnel));
    busy = can ? 0 : busy + 1;
  }
}

void Lac::begin_call(Tunnel& tunnel, TimePoint now) {
  std::uint32_t index;
  if (free_sessions_.empty()) {
    index = static_cast<std::uint32_t>(sessions_.size());
    sessions_.emplace_back();
  } else {
    index = free_sessions_.front();
    free_sessions_.pop_front();
  }
  Session& session = sessions_[index] = Session{};
  session.tunnel = number(tunnel);
  session.id = take_id(tunnel);
  session.state = CallState::wait_reply;
  tunnel.sessions[session.id.value() - 1u] = index;
  --tunnel.calls_wanted;
  --calls_wanted_;
  ++counters_.calls_begun;
  ++counters_.calls_open;
  session_deadlines_.set(index, now + kReplyLimit);
  want(tunnel, {MessageType::icrq, session.id, {}, 0});
}

void Lac::process_call(Tunnel& tunnel, const l2tp::ControlMessage& message, TimePoint now) {
  const auto index = find(tunnel, message.header.session);
  if (index == kNoSession) {
    ++counters_.strays;
    return;
  }
  Session& session = sessions_[index];
  if (message.type == MessageType::cdn) {
    const auto code = message.result_code();
    std::string why = "CDN";
    if (code) why.append(" ").append(std::to_string(code->result)).append(" ").append(code->text);
    return end_call(index, Cause::by_peer, why);
  }
  if (session.state != CallState::wait_reply) {
    ++counters_.answered_twice;
    return;
  }
  session.peer = PeerSessionId(message.u16(AvpType::assigned_session_id).value_or(0));
  if (message.fault) {
    ++counters_.malformed;
    return hang_up(index, message.fault->result, Cause::by_peer, "faulty ICRP");
  }
  session.state = CallState::negotiating;
  session_deadlines_.set(index, now + kPatienceForLcp);
  want(tunnel, {MessageType::iccn, session.id, session.peer, 0});
}

std::uint32_t Lac::hang_up(std::uint32_t count, bool politely, TimePoint now) {
  std::uint32_t done = 0;
  for (std::size_t looked = 0; done < count && looked < sessions_.size(); ++looked) {
    const auto index = static_cast<std::uint32_t>(next_hang_up_++ % sessions_.size());
    if (sessions_[index].state != CallState::up) continue;
    ++done;
    if (politely)
      terminate(index, now);
    else
      hang_up(index, static_cast<std::uint16_t>(CallResult::carrier_lost), Cause::by_us, {});
  }
  return done;
}

// CDN. result: what it says.
void Lac::hang_up(std::uint32_t index, std::uint16_t result, Cause cause, const std::string& why) {
  const Session& session = sessions_[index];
  want(tunnels_[session.tunnel], {MessageType::cdn, session.id, session.peer, result});
  end_call(index, cause, why);
}

void Lac::end_call(std::uint32_t index, Cause cause, const std::string& why) {
  Session& session = sessions_[index];
  Tunnel& tunnel = tunnels_[session.tunnel];
  if (session.state == CallState::up) --counters_.calls_up;
  if (session.state == CallState::terminating) --counters_.calls_closing;
  if (session.was_up == 0) --counters_.calls_open;
  if (session.state == CallState::terminating || cause == Cause::by_us)
    ++counters_.calls_ended;
  else
    ++(session.was_up != 0 ? counters_.calls_lost : counters_.calls_failed);
  if (!why.empty() && session.state != CallState::terminating) note("call: ", why);
  tunnel.sessions[session.id.value() - 1u] = kNoSession;
  tunnel.free_ids.push_back(session.id.value());
  session.state = CallState::none;
  session.echo_waiting = 0;
  session_deadlines_.set(index, kNever);
  free_sessions_.push_back(index);
}

}  // namespace holdfast::lac
