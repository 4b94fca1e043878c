// Tunnel authentication and hiding of AVP values with the shared secret (RFC 2661 4.3, 4.4.3, 5.1.1).
#pragma once

#include "l2tp/message_table.hpp"
#include "wire/digest.hpp"
#include "wire/octets.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace holdfast::l2tp {

// The Challenge Response that carrier (SCCRP or SCCCN) must bear for challenge. Compare in constant time.
Md5 challenge_response(MessageType carrier, Octets secret, Octets challenge);

// RFC 2661 4.3: hides a Hidden AVP Subformat (length, value, padding) in place. attribute: Attribute Type on the wire.
void hide(std::uint16_t attribute, Octets secret, Octets random_vector, MutableOctets subformat);

// The other way: writes the original value to the beginning of out and gives its length; nullopt when the length inside
// is larger than what is there (most likely another secret) or than out.
std::optional<std::size_t> unhide(std::uint16_t attribute, Octets secret, Octets random_vector, Octets hidden,
                                  MutableOctets out);

}  // namespace holdfast::l2tp
