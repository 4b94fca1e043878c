// The control messages of a LAC, built (RFC 2661 6).
#pragma once

#include "lac/records.hpp"
#include "lac/settings.hpp"
#include "wire/env.hpp"

namespace holdfast::lac {

// All write into out, which has Delivery::kMaxMessage octets, and give the message without Ns and Nr.
Octets build_sccrq(MutableOctets out, const Tunnel& tunnel, const TunnelSettings& settings, Entropy& entropy);
// Of a recovery tunnel (RFC 4951 3.2.1). challenge: of the SCCRQ; empty when it has none.
Octets build_recovery_sccrp(MutableOctets out, const Tunnel& recovery, const l2tp::SuggestedControlSequence& suggested,
                            const TunnelSettings& settings, Octets challenge);
// received_challenge: of the LNS; empty when it sent none.
Octets build_scccn(MutableOctets out, const Tunnel& tunnel, const TunnelSettings& settings, Octets received_challenge);
// Everything else; number: of the session, for Call Serial Number and Calling Number.
Octets build(MutableOctets out, const Tunnel& tunnel, const Wanted& wanted, std::uint32_t number,
             const TunnelSettings& settings, Entropy& entropy);

}  // namespace holdfast::lac
