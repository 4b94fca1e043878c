// The options of LCP, IPCP and IPV6CP: what we ask for, and what we say to what the peer asks for.
#pragma once

#include "dial/ppp_client.hpp"
#include "dial/ppp_packet.hpp"

namespace holdfast::dial::ppp {

// The negotiation of kLcp, kIpcp or kIpv6cp.
Negotiation& negotiation(Client& client, std::uint16_t protocol);

// Sends a new Configure-Request with what the client wants.
void send_request(Client& client, std::uint16_t protocol, const Context& context);

// Answers a Configure-Request with Ack, Nak or Reject. True when it was acknowledged; its values are then taken over.
bool answer_request(Client& client, std::uint16_t protocol, const Packet& request, const Context& context);

// Whether a Configure-Ack has exactly the options of our latest request (RFC 1661 5.2).
bool acks_what_we_sent(const Client& client, std::uint16_t protocol, Octets options);

// Takes the hints of a Configure-Nak, or leaves out what a Configure-Reject names. False when we can't live with it.
bool adopt(Client& client, std::uint16_t protocol, const Packet& answer, const Context& context);

}  // namespace holdfast::dial::ppp
