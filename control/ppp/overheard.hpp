// What a LAC tells an LNS of the PPP that it has done itself (RFC 2661 4.4.5), gathered from the frames as they pass.
// A value without pointers, so that a record may hold it while the call is being placed.
//
//   Overheard overheard;                                    when the link begins: start()
//   overheard.received(frame); ppp::receive(link, frame...);   each frame from the subscriber
//   for (const Octets frame : out.frames()) overheard.sent(frame);   each frame to the subscriber
//
// Frames begin with the protocol field, without ff 03. All may be shown: data and what is malformed are passed over.
// The Configure-Requests are worth telling once LCP is opened; then the last of either side were acknowledged.
#pragma once

#include "ppp/link.hpp"
#include "ppp/packet.hpp"
#include "wire/octets.hpp"

#include <array>
#include <cstdint>
#include <type_traits>

namespace holdfast::ppp {

struct Overheard {
  // The options of Configure-Requests, from the first one on. Empty: there was none, it had no option, or more than
  // fit: nothing is ever cut.
  InlineOctets<63> initial_received;
  InlineOctets<63> last_sent;
  InlineOctets<63> last_received;

  // What the subscriber said last of itself, since LCP came up. method: none until all of it is there and fits; the
  // rest is then without meaning.
  InlineOctets<63> name;
  InlineOctets<63> response;   // PAP: the password; CHAP: the value
  InlineOctets<31> challenge;  // CHAP
  AuthMethod method = AuthMethod::none;
  std::uint8_t id{};  // of the PAP request, or of the CHAP challenge and response

  std::uint8_t heard{};  // 1: initial_received is taken, if it fitted or not
  std::uint8_t reserved{};

  void received(Octets frame);
  void sent(Octets frame);

 private:
  void forget_credentials();
  void received_pap(const Packet& packet);
  void received_chap(const Packet& packet);
  void sent_chap(const Packet& packet);
};
static_assert(std::is_trivially_copyable_v<Overheard>);
static_assert(std::has_unique_object_representations_v<Overheard>);
static_assert(sizeof(Overheard) == 356);

}  // namespace holdfast::ppp
