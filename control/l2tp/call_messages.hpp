// The messages that set a call up, from the value that describes it (RFC 2661 6.6 to 6.11).
#pragma once

#include "l2tp/builder.hpp"
#include "l2tp/session.hpp"

namespace holdfast::l2tp {

// Each adds its AVPs to a message of that type.
void write_icrq(MessageBuilder& message, const Session& session, const CallSpec& call);
void write_iccn(MessageBuilder& message, const CallSpec& call);
void write_ocrq(MessageBuilder& message, const Session& session, const CallSpec& call);
void write_occn(MessageBuilder& message, const Circuit& circuit);

// What of an incoming call that is switched goes on into the next tunnel as it is: of the ICRQ, but for who has
// switched it, and of the ICCN, but for PPP.
void pass_on_request(CallSpec& call, const ControlMessage& icrq);
void pass_on_connected(CallSpec& call, const ControlMessage& iccn);

// What an ICRQ or OCRQ says of the call.
void read_request(Session& session, const ControlMessage& message);
// What an ICCN or OCCN says of the line.
void read_connected(Session& session, const ControlMessage& message);

}  // namespace holdfast::l2tp
