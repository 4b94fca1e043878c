#include "l2tp/session.hpp"

#include "l2tp/builder.hpp"

namespace holdfast::l2tp {
namespace {

void keep(Outbox& out, MessageBuilder& builder) { (void)out.keep(builder.finish()); }

template <std::size_t N>
void copy_text(InlineOctets<N>& into, const std::optional<Octets>& from) {
  if (from) (void)into.assign(from->first(std::min(from->size(), N)));
}

void cdn(PeerSessionId to, SessionId ours, const Tunnel& tunnel, const Ending& why, Outbox& out) {
  MessageBuilder message(out.room(), MessageType::cdn, tunnel.peer, to);
  message.result(why.result, why.error, why.text.text()).u16(AvpType::assigned_session_id, ours.value());
  keep(out, message);
}

SessionOutcome end(const Session& session, const Tunnel& tunnel, const Ending& why, Outbox& out) {
  disconnect(session, tunnel, why, out);
  return {SessionEvent::closed, why};
}

SessionOutcome connect(Session& session, const ControlMessage& iccn, const Env& env) {
  session.tx_speed = iccn.u32(AvpType::tx_connect_speed).value_or(0);
  session.rx_speed = iccn.u32(AvpType::rx_connect_speed).value_or(session.tx_speed);
  session.framing = iccn.u32(AvpType::framing_type).value_or(0);
  session.sequencing = iccn.has(AvpType::sequencing_required) ? 1 : 0;
  session.state = SessionState::established;
  session.since = env.now;
  session.deadline = kNever;
  return {SessionEvent::established, {}};
}

SessionOutcome hung_up(const ControlMessage& message) {
  const auto code = message.result_code();
  if (!code) return {SessionEvent::closed, {}};
  return {SessionEvent::closed,
          Ending::make(code->result, static_cast<ErrorCode>(code->error.value_or(0)), code->text)};
}

}  // namespace

void accept(Session& session, const Tunnel& tunnel, const ControlMessage& icrq, const Env& env, Outbox& out) {
  session.peer = PeerSessionId(icrq.u16(AvpType::assigned_session_id).value_or(0));
  session.call_serial = icrq.u32(AvpType::call_serial_number).value_or(0);
  copy_text(session.calling, icrq.octets(AvpType::calling_number));
  copy_text(session.called, icrq.octets(AvpType::called_number));
  session.state = SessionState::wait_connect;
  session.since = env.now;
  session.deadline = env.now + kSetupLimit;

  MessageBuilder icrp(out.room(), MessageType::icrp, tunnel.peer, session.peer);
  icrp.u16(AvpType::assigned_session_id, session.id.value());
  keep(out, icrp);
}

void refuse(const Tunnel& tunnel, const ControlMessage& icrq, const Ending& why, Outbox& out) {
  cdn(PeerSessionId(icrq.u16(AvpType::assigned_session_id).value_or(0)), SessionId{}, tunnel, why, out);
}

SessionOutcome receive(Session& session, const Tunnel& tunnel, const ControlMessage& message, const Env& env,
                       Outbox& out) {
  if (message.type == MessageType::cdn) return hung_up(message);
  if (message.fault) return end(session, tunnel, ending_of(*message.fault), out);
  if (message.type == MessageType::iccn && session.state == SessionState::wait_connect)
    return connect(session, message, env);
  // RFC 2661 7.4.2: ICRQ, ICRP or ICCN where they do not belong end the call; the rest (SLI, WEN are the LAC's) is
  // ignored.
  if (message.type == MessageType::icrq || message.type == MessageType::icrp || message.type == MessageType::iccn)
    return end(session, tunnel, Ending::of(CallResult::error, "message in wrong state", ErrorCode::bad_session), out);
  return {};
}

void disconnect(const Session& session, const Tunnel& tunnel, const Ending& why, Outbox& out) {
  cdn(session.peer, session.id, tunnel, why, out);
}

}  // namespace holdfast::l2tp
