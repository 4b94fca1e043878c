// What the tests of PPP share: frames as hexadecimal text, entropy that repeats, and one link under test.
#pragma once

#include "ppp/ppp.hpp"
#include "wire/counting_entropy.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

namespace holdfast::ppp {

inline std::string hex(Octets octets) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const auto o : octets) (text += kDigits[o >> 4]) += kDigits[o & 15];
  return text;
}

// Spaces are for the reader.
inline std::vector<std::uint8_t> bytes(std::string_view text) {
  std::string digits;
  for (const char ch : text)
    if (ch != ' ') digits += ch;
  std::vector<std::uint8_t> out;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    out.push_back(static_cast<std::uint8_t>(std::stoul(digits.substr(i, 2), nullptr, 16)));
  return out;
}

// The same frame with another code below 10, e.g. the Ack of a request.
inline std::string with_code(std::string hex_frame, char code) {
  hex_frame[5] = code;
  return hex_frame;
}

// What came out of one call, compared as a whole.
struct Seen {
  std::vector<std::string> frames;
  std::vector<Notice> notices;

  Seen() = default;
  Seen(std::initializer_list<std::string_view> hex_frames, std::vector<Notice> what = {}) : notices(std::move(what)) {
    for (const auto frame : hex_frames) frames.push_back(hex(bytes(frame)));
  }
  friend bool operator==(const Seen&, const Seen&) = default;
  friend std::ostream& operator<<(std::ostream& os, const Seen& seen) {
    for (const auto& frame : seen.frames) os << "\n  " << frame;
    for (const auto notice : seen.notices) os << "\n  [" << name(notice) << "]";
    return os;
  }
};
inline const Seen kNothing;

// One link, one policy, and time that is moved by hand.
class LinkTest : public testing::Test {
 protected:
  Seen start() {
    return call([&] { ppp::start(link, policy, env(), out); });
  }
  Seen receive(std::string_view hex_frame) {
    frame = bytes(hex_frame);
    return call([&] { ppp::receive(link, frame, policy, env(), out); });
  }
  Seen answer(const AuthAnswer& answer) {
    return call([&] { ppp::answer(link, answer, policy, env(), out); });
  }
  Seen close(EndReason reason) {
    return call([&] { ppp::close(link, reason, policy, env(), out); });
  }
  Seen expire() {
    return call([&] { ppp::expire(link, policy, env(), out); });
  }
  Seen after(Duration pause) {
    now += pause;
    return expire();
  }
  std::uint16_t dropped(Drop reason) const { return out.drops[static_cast<std::size_t>(reason)]; }
  Duration due_in() const { return next_due(link) == kNever ? Duration::max() : next_due(link) - now; }
  Env env() { return {now, entropy}; }

  // LCP up, without options of the peer's; our magic number is 01020304. Leaves the link in the authentication phase.
  void open_lcp() {
    const Seen request = start();
    ASSERT_EQ(request.frames.size(), 1u);
    receive(with_code(request.frames[0], '2'));
    receive("c021 01 01 0004");
    ASSERT_EQ(link.phase, Phase::authenticate);
  }
  // Up to the network phase without authentication. Our requests have Identifier 1 in both NCPs.
  void open_network() {
    policy.offer_chap = policy.offer_pap = false;
    open_lcp();
    answer(accepted());
    ASSERT_EQ(link.phase, Phase::network);
  }
  // We are 10.0.0.1 and ::1, the peer 10.0.0.2 and ::2, the name servers 10.0.0.53 and 10.0.0.54.
  AuthAnswer accepted() const {
    return {.accept = true,
            .request = link.auth_request,
            .message = {},
            .our_ipv4 = 0x0a000001,
            .peer_ipv4 = 0x0a000002,
            .dns1 = 0x0a000035,
            .dns2 = 0x0a000036,
            .our_interface_id = 1,
            .peer_interface_id = 2};
  }

  template <class Call>
  Seen call(Call&& function) {
    out.clear();
    function();
    Seen seen;
    for (const Octets sent : out.frames()) seen.frames.push_back(hex(sent));
    seen.notices.assign(out.notices().begin(), out.notices().end());
    return seen;
  }

  CountingEntropy entropy;  // the first magic number of a link is 01020304, the first challenge begins with 05
  Policy policy{.name = "lns"};
  Link link;
  Output out;
  TimePoint now{std::chrono::seconds(1000)};
  std::vector<std::uint8_t> frame;  // the last one received: Output may point into it
};

}  // namespace holdfast::ppp
