// What a call on a link wants of the world: frames to send, notices to act on, frames that were dropped.
#pragma once

#include "ppp/protocol.hpp"
#include "wire/inline_list.hpp"
#include "wire/octets.hpp"
#include "wire/writer.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace holdfast::ppp {

// The peer's credentials, to be checked; the result goes to answer().
struct Authenticate {
  enum class Method : std::uint8_t {
    none,
    pap,
    chap,
    ms_chap_v2
  };  // none: no authentication is asked of this link, only addresses
  Method method{};
  std::uint8_t request{};  // to be copied into AuthAnswer: tells a late answer from the one that is waited for
  std::uint8_t id{};       // CHAP Identifier, part of what is hashed (RFC 1994 4.1)
  Octets user{};           // in the Link, up to 63 octets
  Octets secret{};         // in what was received: PAP password (0 to 255 octets) or CHAP response (16 octets, 49)
  Octets challenge{};      // in the Link or in what was received: of CHAP, 1 octet or more; else empty
};

// What the check of the credentials gave. Addresses in host byte order, 0: none.
struct AuthAnswer {
  bool accept{};
  std::uint8_t request{};      // Authenticate::request
  std::string_view message{};  // for the peer; cut to 255 octets
  std::uint32_t our_ipv4{};
  std::uint32_t peer_ipv4{};  // 0: no IPCP
  std::uint32_t dns1{};
  std::uint32_t dns2{};
  std::uint64_t our_interface_id{};      // 0: no IPV6CP
  std::uint64_t peer_interface_id{};     // 0: no IPV6CP; else different from ours
  std::array<std::uint8_t, 20> proof{};  // MS-CHAPv2, accepted: that we know the peer's password, too (RFC 2759 5)
};

enum class Notice : std::uint8_t {
  lcp_up,        // again after each renegotiation by the peer
  authenticate,  // see Output::authenticate
  ipv4_up,       // Link::peer_ipv4 is the peer's
  ipv4_down,
  ipv6_up,  // Link::peer_interface_id is the peer's
  ipv6_down,
  link_down,  // for good, see Link::end_reason; only start() begins anew
};

enum class Drop : std::uint8_t {
  too_short,        // no whole protocol field, or no whole packet header
  too_long,         // longer than kMaxFrame
  malformed,        // a length inside the packet is wrong
  dead,             // the link is down
  before_lcp,       // not LCP, and LCP is not opened
  before_network,   // not LCP nor authentication, and the peer is not authenticated
  not_negotiated,   // an authentication protocol that was not agreed on, or not in this phase
  stale,            // a reply to no request of ours, or credentials that are being checked already
  network_data,     // IP or IPv6: not for the control process
  unexpected_code,  // a PAP or CHAP packet that only an authenticator sends
  count,
};

std::string_view name(Notice notice);
std::string_view name(Drop drop);

// Fixed capacity. Calls append; two calls fit between one clear() and the next. Not to be copied: frames point into it.
class Output {
 public:
  Output() {}  // NOLINT(cppcoreguidelines-pro-type-member-init): 8 KiB that are written before they are read
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  void clear();
  // Whether one more call fits. Every call aborts when not.
  bool room() const;

  // In the order in which they are to be sent. Each begins with the two octets of the protocol field, without ff 03.
  const auto& frames() const { return frames_; }
  const auto& notices() const { return notices_; }
  bool noticed(Notice notice) const;
  std::optional<Authenticate> authenticate;  // set together with Notice::authenticate
  std::array<std::uint16_t, static_cast<std::size_t>(Drop::count)> drops{};

  // For the library itself.
  void notice(Notice notice);
  void drop(Drop reason) { ++drops[static_cast<std::size_t>(reason)]; }
  MutableOctets begin_frame() { return MutableOctets(storage_).subspan(used_); }
  void end_frame(const Writer& writer);  // written into begin_frame()

 private:
  static constexpr std::size_t kFrames = 16;
  static constexpr std::size_t kNotices = 16;

  InlineList<Octets, kFrames> frames_;
  InlineList<Notice, kNotices> notices_;
  std::array<std::uint8_t, std::size_t{4} * kMaxFrame> storage_;
  std::size_t used_ = 0;
};

}  // namespace holdfast::ppp
