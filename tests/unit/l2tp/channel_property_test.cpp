// Two channels over a wire that loses, doubles and reorders: whatever happens, every message arrives once and in order.
#include "l2tp/channel.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <vector>

namespace holdfast::l2tp {
namespace {

using namespace std::chrono_literals;

struct Packet {
  TimePoint arrives;
  std::uint64_t order;  // of leaving, so that equal times are decided
  int to;
  std::uint16_t ns;
  std::uint16_t nr;
  bool zlb;
  std::uint32_t content;
};

struct Wire {
  double loss;
  double duplication;
  Duration delay;
  Duration jitter;
};

struct End {
  Channel channel;
  ChannelPolicy policy;
  std::array<std::uint32_t, kSlots> slots{};
  std::uint32_t to_send = 0;
  std::uint32_t queued = 0;
  std::vector<std::uint32_t> delivered;
};

class LossyWire {
 public:
  LossyWire(std::uint32_t seed, const Wire& wire) : random_(seed), wire_(wire) {
    const auto number = [&] { return static_cast<std::uint16_t>(random_()); };
    const std::array<std::uint16_t, 2> first{number(), number()};
    for (std::size_t i = 0; i < 2; ++i) {
      End& end = ends_[i];
      end.policy.retries_established = 255;  // the wire may be as bad as it likes
      end.policy.hello = random_() % 2 == 0 ? Duration(0s) : Duration(5s);
      end.to_send = 1 + static_cast<std::uint32_t>(random_() % 60);
      end.channel = open_channel(static_cast<std::uint16_t>(1 + random_() % 20), end.policy, now_);
      reset_sequence(end.channel, first[i], first[1 - i], now_);
    }
  }

  void run() {
    while (!done()) {
      for (int i = 0; i < 2; ++i) feed(i);
      if (!advance()) break;
    }
  }
  bool done() const {
    return std::ranges::all_of(ends_, [](const End& e) { return e.queued == e.to_send && idle(e.channel); });
  }
  const End& end(int i) const { return ends_[static_cast<std::size_t>(i)]; }

 private:
  End& at(int i) { return ends_[static_cast<std::size_t>(i)]; }
  bool chance(double probability) { return std::uniform_real_distribution<>(0, 1)(random_) < probability; }

  void feed(int i) {
    End& e = at(i);
    while (e.queued < e.to_send && room(e.channel) > 0) e.slots[enqueue(e.channel) % kSlots] = e.queued++;
    flush(i);
  }

  void flush(int i) {
    End& e = at(i);
    const auto range = take_sendable(e.channel, e.policy, now_);
    for (std::uint16_t n = 0; n < range.count; ++n) send(i, static_cast<std::uint16_t>(range.first_ns + n));
    if (ack_due(e.channel, now_)) {
      put(i, {.ns = zlb_ns(e.channel), .zlb = true});
      ack_sent(e.channel);
    }
  }

  struct Sent {
    std::uint16_t ns{};
    bool zlb{};
    std::uint32_t content{};
  };
  void send(int from, std::uint16_t ns) { put(from, {.ns = ns, .content = at(from).slots[ns % kSlots]}); }
  void put(int from, Sent sent) {
    const int copies = chance(wire_.loss) ? 0 : chance(wire_.duplication) ? 2 : 1;
    for (int i = 0; i < copies; ++i) {
      const auto late = Duration(static_cast<Duration::rep>(random_()) % (wire_.jitter.count() + 1));
      packets_.push_back(
          {now_ + wire_.delay + late, order_++, 1 - from, sent.ns, next_nr(at(from).channel), sent.zlb, sent.content});
    }
  }

  // To the next arrival or deadline, whichever comes first. False after an hour: it will never end.
  bool advance() {
    const auto next =
        std::ranges::min_element(packets_, {}, [](const Packet& p) { return std::pair(p.arrives, p.order); });
    TimePoint then = next == packets_.end() ? kNever : next->arrives;
    for (const auto& e : ends_) then = std::min(then, next_due(e.channel, e.policy));
    if (then > TimePoint{} + 1h) return false;
    now_ = std::max(now_, then);
    if (next != packets_.end() && next->arrives == then) {
      const Packet packet = *next;
      packets_.erase(next);
      arrive(packet);
    }
    for (int i = 0; i < 2; ++i) {
      for (auto what = expire(at(i).channel, at(i).policy, true, now_); what != Expiry::nothing;
           what = expire(at(i).channel, at(i).policy, true, now_)) {
        if (what == Expiry::retransmit) send(i, oldest_ns(at(i).channel));
        if (what == Expiry::ack_due) put(i, {.ns = zlb_ns(at(i).channel), .zlb = true});
        EXPECT_NE(what, Expiry::exhausted);
      }
    }
    return true;
  }

  void arrive(const Packet& packet) {
    End& e = at(packet.to);
    const auto received = receive(e.channel, packet.ns, packet.nr, packet.zlb, e.policy, now_);
    EXPECT_NE(received.arrival, Arrival::ack_of_unsent);
    if (received.arrival == Arrival::in_order) e.delivered.push_back(packet.content);
    EXPECT_LE(unacknowledged(e.channel).count, std::min<unsigned>(e.channel.peer_window, kSlots));
  }

  std::mt19937 random_;
  Wire wire_;
  TimePoint now_{};
  std::uint64_t order_ = 0;
  std::array<End, 2> ends_;
  std::vector<Packet> packets_;
};

TEST(ChannelProperty, DeliversEveryMessageOnceAndInOrderOverAnyWire) {
  for (std::uint32_t seed = 1; seed <= 3000; ++seed) {
    std::mt19937 random(seed);
    const auto part = [&](double most) { return std::uniform_real_distribution<>(0, most)(random); };
    const Wire wire{.loss = part(0.5),
                    .duplication = part(0.5),
                    .delay = std::chrono::milliseconds(random() % 200),
                    .jitter = std::chrono::milliseconds(random() % 3000)};
    LossyWire run(seed, wire);
    run.run();
    ASSERT_TRUE(run.done()) << "seed " << seed;
    for (int i = 0; i < 2; ++i) {
      std::vector<std::uint32_t> expected(run.end(1 - i).to_send);
      for (std::uint32_t n = 0; n < expected.size(); ++n) expected[n] = n;
      ASSERT_EQ(run.end(i).delivered, expected) << "seed " << seed << ", end " << i;
    }
  }
}

// Without loss nothing is sent twice, and nothing waits for a timer.
TEST(ChannelProperty, NeedsNoRetransmissionOverAPerfectWire) {
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    LossyWire run(seed, {.loss = 0, .duplication = 0, .delay = 20ms, .jitter = 0ns});
    run.run();
    ASSERT_TRUE(run.done());
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(run.end(i).channel.ssthresh, run.end(i).channel.peer_window) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace holdfast::l2tp
