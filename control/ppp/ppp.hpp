// The PPP side of an LNS as pure functions on a record: LCP (RFC 1661), PAP (RFC 1334), CHAP with MD5 (RFC 1994),
// IPCP (RFC 1332, RFC 1877), IPV6CP (RFC 5072). We are the authenticator and give the addresses.
//
// Each call takes the record to advance and appends to out what is to be sent and done. Commit the record first, then
// send: a frame that is lost with the process is sent again by restart_timers() and expire(), or asked for again by the
// peer.
#pragma once

#include "ppp/link.hpp"
#include "ppp/output.hpp"
#include "ppp/policy.hpp"
#include "wire/env.hpp"
#include "wire/octets.hpp"
#include "wire/time.hpp"

namespace holdfast::ppp {

// The lower layer is up (the call is established): a new negotiation, whatever link held before. Sends
// Configure-Request.
void start(Link& link, const Policy& policy, const Env& env, Output& out);

// frame: one PPP frame from the peer, beginning with its protocol field of two octets or, compressed, of one (RFC
// 1661 6.5); address and control field (ff 03) already removed. Any octets at all are safe. A Terminate-Request is
// acknowledged at once and takes the network protocols down; link_down follows one Restart time later (RFC 1661 3.7:
// the receiver must not disconnect before).
void receive(Link& link, Octets frame, const Policy& policy, const Env& env, Output& out);

// The result of Notice::authenticate; may come much later. Sends PAP Ack or Nak, CHAP Success or Failure; then begins
// with the network protocols, or closes the link. Without effect when the link no longer waits for this request.
void answer(Link& link, const AuthAnswer& answer, const Policy& policy, const Env& env, Output& out);

// Sends Terminate-Request; Notice::link_down follows when the peer acknowledged it or did not for long enough.
// The first reason of a link is kept. Without effect on a dead link.
void close(Link& link, EndReason reason, const Policy& policy, const Env& env, Output& out);

// To be called when next_due(link) <= env.now; harmless when it is not.
void expire(Link& link, const Policy& policy, const Env& env, Output& out);

// When expire() is to be called; kNever: nothing is armed.
TimePoint next_due(const Link& link);

// After a restore from the checkpoint, once, before any other call. All timers run anew at full length: a request that
// was lost with the process is repeated like one that was lost on the wire, without counting against Max-Configure. Not
// sooner: its answer may be waiting for us or on its way, and a Configure-Request that comes after its own
// acknowledgement makes the peer take an opened layer down (RFC 1661 4.1). Credentials whose check was lost are asked
// for again.
void restart_timers(Link& link, const Policy& policy, TimePoint now);

// LCP is opened: the fast path may answer Echo-Requests, with Link::our_magic (RFC 1661 5.8).
bool echo_answerable(const Link& link);

}  // namespace holdfast::ppp
