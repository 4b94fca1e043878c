#include "l2tp/session.hpp"

#include "l2tp/builder.hpp"
#include "l2tp/call_messages.hpp"

#include <algorithm>

namespace holdfast::l2tp {
namespace {

void enter(Session& session, SessionState state, TimePoint now) {
  session.state = state;
  session.since = now;
  session.deadline = state == SessionState::established ? kNever : now + kSetupLimit;
}

// A message to the peer's end of the session, with hidden AVPs where the tunnel has them.
MessageBuilder message_to(MessageType type, const Session& session, const Tunnel& tunnel, const TunnelPolicy& policy,
                          const Env& env, Outbox& out) {
  MessageBuilder message(out.room(), type, tunnel.peer, session.peer);
  if (policy.hide) message.hide(policy.secret, env.entropy);
  return message;
}

void cdn(PeerSessionId to, SessionId ours, const Tunnel& tunnel, const Ending& why, const CallCause& cause,
         Outbox& out) {
  MessageBuilder message(out.room(), MessageType::cdn, tunnel.peer, to);
  message.result(why.result, why.error, why.text.text()).u16(AvpType::assigned_session_id, ours.value());
  write_cause(message, cause);
  keep(out, message);
}

SessionOutcome end(const Session& session, const Tunnel& tunnel, const Ending& why, Outbox& out) {
  disconnect(session, tunnel, why, {}, out);
  return {SessionEvent::closed, why, {}};
}

Ending too_long() {
  return Ending::of(CallResult::error, "the call's attributes do not fit into a message", ErrorCode::no_resources);
}

SessionOutcome hung_up(const ControlMessage& message) {
  const auto code = message.result_code();
  if (!code) return {SessionEvent::closed, {}, read_cause(message)};
  return {SessionEvent::closed, Ending::make(code->result, static_cast<ErrorCode>(code->error.value_or(0)), code->text),
          read_cause(message)};
}

// RFC 2661 6.13, 6.14: WEN goes from the LAC to the LNS, SLI the other way.
SessionEvent about_the_line(const Session& session, MessageType message) {
  if (message == MessageType::wen && session.role == Role::lns) return SessionEvent::line_errors;
  if (message == MessageType::sli && session.role == Role::lac) return SessionEvent::link_info;
  return SessionEvent::wrong_role;
}

// What a call in this state waits for (RFC 2661 7.4, 7.5): the message moves it on.
struct Awaited {
  Role role;
  CallKind kind;
  SessionState state;
  MessageType message;
};
constexpr auto kAwaited = std::to_array<Awaited>({
    {Role::lac, CallKind::incoming, SessionState::wait_reply, MessageType::icrp},
    {Role::lns, CallKind::incoming, SessionState::wait_connect, MessageType::iccn},
    {Role::lns, CallKind::outgoing, SessionState::wait_reply, MessageType::ocrp},
    {Role::lns, CallKind::outgoing, SessionState::wait_connect, MessageType::occn},
});

bool awaits(const Session& session, MessageType message) {
  return std::ranges::any_of(kAwaited, [&](const Awaited& row) {
    return row.role == session.role && row.kind == session.kind && row.state == session.state && row.message == message;
  });
}

SessionOutcome connect_incoming(Session& session, const Tunnel& tunnel, const CallSpec& call,
                                const TunnelPolicy& policy, const Env& env, Outbox& out) {
  auto iccn = message_to(MessageType::iccn, session, tunnel, policy, env, out);
  write_iccn(iccn, call);
  if (!keep(out, iccn)) return end(session, tunnel, too_long(), out);
  session.tx_speed = call.tx_speed;
  session.rx_speed = call.rx_speed != 0 ? call.rx_speed : call.tx_speed;
  session.framing = call.framing;
  session.sequencing = call.sequencing;
  enter(session, SessionState::established, env.now);
  return {SessionEvent::established, {}, {}};
}

}  // namespace

void begin(Session& session, const CallSpec& call, const Env& env) {
  session.role = call.kind == CallKind::incoming ? Role::lac : Role::lns;
  session.kind = call.kind;
  session.circuit = call.circuit;
  session.call_serial = env.entropy.u32();
  (void)session.calling.assign(call.calling.text().substr(0, 31));
  (void)session.called.assign(call.called.text().substr(0, 31));
  enter(session, SessionState::wait_tunnel, env.now);
}

SessionOutcome request(Session& session, const Tunnel& tunnel, const CallSpec& call, const TunnelPolicy& policy,
                       const Env& env, Outbox& out) {
  const bool incoming = call.kind == CallKind::incoming;
  auto message = message_to(incoming ? MessageType::icrq : MessageType::ocrq, session, tunnel, policy, env, out);
  incoming ? write_icrq(message, session, call) : write_ocrq(message, session, call);
  if (!keep(out, message)) return {SessionEvent::closed, too_long(), {}};
  enter(session, SessionState::wait_reply, env.now);
  return {};
}

void accept(Session& session, const Tunnel& tunnel, const ControlMessage& message, const TunnelPolicy& policy,
            const Env& env, Outbox& out) {
  const bool incoming = message.type == MessageType::icrq;
  read_request(session, message);
  session.role = incoming ? Role::lns : Role::lac;
  session.kind = incoming ? CallKind::incoming : CallKind::outgoing;
  enter(session, incoming ? SessionState::wait_connect : SessionState::wait_cs_answer, env.now);

  auto reply = message_to(incoming ? MessageType::icrp : MessageType::ocrp, session, tunnel, policy, env, out);
  reply.u16(AvpType::assigned_session_id, session.id.value());
  keep(out, reply);
}

void answer(Session& session, const Tunnel& tunnel, const Circuit& circuit, const TunnelPolicy& policy, const Env& env,
            Outbox& out) {
  auto occn = message_to(MessageType::occn, session, tunnel, policy, env, out);
  write_occn(occn, circuit);
  keep(out, occn);
  session.tx_speed = circuit.tx_speed;
  session.rx_speed = circuit.rx_speed != 0 ? circuit.rx_speed : circuit.tx_speed;
  session.framing = circuit.framing;
  session.sequencing = circuit.sequencing ? 1 : 0;
  enter(session, SessionState::established, env.now);
}

void refuse(const Tunnel& tunnel, const ControlMessage& message, const Ending& why, const CallCause& cause,
            Outbox& out) {
  cdn(PeerSessionId(message.u16(AvpType::assigned_session_id).value_or(0)), SessionId{}, tunnel, why, cause, out);
}

SessionOutcome receive(Session& session, const Tunnel& tunnel, const ControlMessage& message, const CallSpec* call,
                       const TunnelPolicy& policy, const Env& env, Outbox& out) {
  if (message.type == MessageType::cdn) return hung_up(message);
  const bool of_the_line = message.type == MessageType::wen || message.type == MessageType::sli;
  const bool awaited = awaits(session, message.type);
  if (awaited && !session.peer)  // a CDN, too, must reach the session that the peer has made for us
    session.peer = PeerSessionId(message.u16(AvpType::assigned_session_id).value_or(0));
  if (message.fault) return end(session, tunnel, ending_of(*message.fault), out);
  // They are about a call that goes on.
  if (of_the_line && session.state == SessionState::established) return {about_the_line(session, message.type), {}, {}};
  if (!awaited)
    return end(session, tunnel, Ending::of(CallResult::error, "message in wrong state", ErrorCode::bad_session), out);
  switch (message.type) {
    case MessageType::icrp:
      if (call == nullptr) return end(session, tunnel, Ending::of(CallResult::error, "the call's record is lost"), out);
      return connect_incoming(session, tunnel, *call, policy, env, out);
    case MessageType::ocrp: enter(session, SessionState::wait_connect, env.now); return {};
    default:
      read_connected(session, message);
      enter(session, SessionState::established, env.now);
      return {SessionEvent::established, {}, {}};
  }
}

void disconnect(const Session& session, const Tunnel& tunnel, const Ending& why, const CallCause& cause, Outbox& out) {
  cdn(session.peer, session.id, tunnel, why, cause, out);
}

void report_errors(const Session& session, const Tunnel& tunnel, const CallErrors& errors, const TunnelPolicy& policy,
                   const Env& env, Outbox& out) {
  auto wen = message_to(MessageType::wen, session, tunnel, policy, env, out);
  wen.add(errors);
  keep(out, wen);
}

void tell_link_info(const Session& session, const Tunnel& tunnel, const Accm& accm, const TunnelPolicy& policy,
                    const Env& env, Outbox& out) {
  auto sli = message_to(MessageType::sli, session, tunnel, policy, env, out);
  sli.add(accm);
  keep(out, sli);
}

}  // namespace holdfast::l2tp
