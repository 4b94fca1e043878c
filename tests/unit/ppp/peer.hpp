// A peer that behaves as a stock pppd does when it dials in: its options, its retransmissions, its habits. Written for
// the tests alone, from what pppd sends, and with nothing of the library in it, so that both can't be wrong in the same
// way.
#pragma once

#include "wire/octets.hpp"
#include "wire/time.hpp"

#include <array>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace holdfast::ppp {

using Bytes = std::vector<std::uint8_t>;

class Peer {
 public:
  struct Habits {
    bool takes_chap = true;  // else it naks CHAP and wants PAP
    bool takes_pap = true;
    bool asks_for_ccp = true;  // as pppd does once it is authenticated
    bool ipv6 = true;
    std::string user = "user1";
    std::string password = "secret";
  };

  explicit Peer(Habits habits) : habits_(std::move(habits)) {}

  void start(TimePoint now);
  void receive(const Bytes& frame, TimePoint now);
  void expire(TimePoint now);
  TimePoint next_due() const;

  std::deque<Bytes> sent;  // taken by the wire

  bool authenticated() const { return authenticated_; }
  bool ipv4_is_up() const { return is_open(ipcp_); }
  bool ipv6_is_up() const { return is_open(ipv6cp_); }
  std::uint32_t address() const { return as_u32(ipcp_, 3); }
  std::uint32_t dns1() const { return as_u32(ipcp_, 129); }
  std::uint64_t interface_id() const;

 private:
  struct Option {
    std::uint8_t type;
    Bytes value;
  };
  // Both directions of one negotiation, each done or not done.
  struct Layer {
    std::uint16_t protocol{};
    std::vector<Option> wishes;
    std::uint8_t id = 0;
    bool running = false;
    bool ours_acked = false;
    bool theirs_acked = false;
    TimePoint deadline = kNever;
  };

  static bool is_open(const Layer& layer) { return layer.ours_acked && layer.theirs_acked; }
  static std::uint32_t as_u32(const Layer& layer, std::uint8_t type);
  void begin(Layer& layer, TimePoint now);
  void request(Layer& layer, TimePoint now, bool new_id);
  void receive_layer(Layer& layer, const Bytes& packet, TimePoint now);
  void reply(Layer& layer, const Bytes& packet);
  // 2 Ack, 3 Nak with this value, 4 Reject
  std::uint8_t judge(const Layer& layer, Option& option) const;
  void receive_lcp(const Bytes& packet, TimePoint now);
  void receive_chap(const Bytes& packet, TimePoint now);
  void receive_pap(const Bytes& packet, TimePoint now);
  void send_pap(TimePoint now);
  void lcp_is_up(TimePoint now);
  void lcp_is_down();
  void be_authenticated(TimePoint now);
  void send(std::uint16_t protocol, std::uint8_t code, std::uint8_t id, const Bytes& data);

  Habits habits_;
  Layer lcp_{.protocol = 0xc021, .wishes = {{2, {0, 0, 0, 0}}, {5, {0xaa, 0xbb, 0xcc, 0xdd}}, {7, {}}, {8, {}}}};
  Layer ipcp_{.protocol = 0x8021,
              .wishes = {{3, {0, 0, 0, 0}}, {2, {0, 0x2d, 15, 1}}, {129, {0, 0, 0, 0}}, {131, {0, 0, 0, 0}}}};
  Layer ipv6cp_{.protocol = 0x8057, .wishes = {{1, {0, 0, 0, 0, 0, 0, 0, 0}}}};
  Layer ccp_{.protocol = 0x80fd, .wishes = {{26, {0x78, 0}}, {21, {0x2f}}}};
  std::uint16_t auth_protocol_ = 0;
  bool authenticated_ = false;
  std::uint8_t pap_id_ = 0;
  TimePoint pap_deadline_ = kNever;
};

}  // namespace holdfast::ppp
