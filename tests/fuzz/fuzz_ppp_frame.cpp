// A link in every phase, fed with any frames, answers, ticks and restarts, in any order. The input is a little program:
// the first octet chooses how far the link is brought up beforehand, or that it begins with what a LAC tells, which
// follows; then each octet is a step, some with an operand.
//
// Whatever comes: the same record and the same input give the same result; frames are whole and of bounded length;
// notices come in an order that makes sense; a timer that has expired is not due again at once; a dead link is silent.
#include "ppp/ppp.hpp"
#include "ppp/proxy.hpp"
#include "wire/counting_entropy.hpp"
#include "wire/reader.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace holdfast::ppp {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

// One run of the program. Two of them, step by step, must agree.
class Run {
 public:
  Output out;
  Link link;
  TimePoint now{std::chrono::seconds(1)};

  explicit Run(bool chap, bool pap) {
    policy_.offer_chap = chap;
    policy_.offer_pap = pap;
    policy_.name = "lns";
    policy_.echo_interval = std::chrono::seconds(10);
  }

  void begin() { start(link, policy_, env(), cleared()); }
  void begin(const Proxied& proxied) { (void)start_proxied(link, proxied, policy_, env(), cleared()); }
  void frame(Octets octets) { receive(link, octets, policy_, env(), cleared()); }
  void tick() {
    if (next_due(link) != kNever) now = std::max(now, next_due(link));
    expire(link, policy_, env(), cleared());
    require(next_due(link) > now);
  }
  void end() { close(link, EndReason::admin, policy_, env(), cleared()); }
  void reply(bool accept, std::uint8_t granted) {
    answer(link,
           {.accept = accept,
            .request = static_cast<std::uint8_t>(link.auth_request - (granted >> 7)),
            .message = "message",
            .our_ipv4 = 0x0a000001,
            .peer_ipv4 = (granted & 1) != 0 ? 0x0a000002u : 0,
            .dns1 = (granted & 2) != 0 ? 0x0a000035u : 0,
            .dns2 = (granted & 4) != 0 ? 0x0a000036u : 0,
            .our_interface_id = 1,
            .peer_interface_id = std::uint64_t{granted} >> 3 & 3},
           policy_, env(), cleared());
  }
  void restart() {
    std::array<std::uint8_t, sizeof(Link)> checkpoint;
    std::memcpy(checkpoint.data(), &link, sizeof(Link));
    std::memcpy(&link, checkpoint.data(), sizeof(Link));
    restart_timers(link, policy_, now);
    cleared();
  }
  // The peer agrees to what was asked last.
  void agree() {
    if (request_length_ == 0) return;
    auto ack = request_;
    ack[2] = 2;
    frame(Octets(ack).first(request_length_));
  }

  void remember_request() {
    for (const Octets sent : out.frames())
      if (sent[0] >= 0x80 && sent[2] == 1 && sent.size() <= request_.size()) {
        std::copy(sent.begin(), sent.end(), request_.begin());
        request_length_ = sent.size();
      }
  }

 private:
  Env env() { return {now, entropy_}; }
  Output& cleared() {
    out.clear();
    return out;
  }

  Policy policy_;
  CountingEntropy entropy_;
  std::array<std::uint8_t, 64> request_{};
  std::size_t request_length_ = 0;
};

struct Ups {
  bool ipv4 = false;
  bool ipv6 = false;
};

void check_notices(const Run& run, Ups& ups) {
  for (const Notice notice : run.out.notices()) {
    if (notice == Notice::ipv4_up || notice == Notice::ipv4_down) {
      require(ups.ipv4 == (notice == Notice::ipv4_down));
      ups.ipv4 = !ups.ipv4;
    }
    if (notice == Notice::ipv6_up || notice == Notice::ipv6_down) {
      require(ups.ipv6 == (notice == Notice::ipv6_down));
      ups.ipv6 = !ups.ipv6;
    }
    if (notice == Notice::link_down) require(!ups.ipv4 && !ups.ipv6 && run.link.end_reason != EndReason::none);
  }
  require(ups.ipv4 == (run.link.ipcp.state == State::opened));
  require(ups.ipv6 == (run.link.ipv6cp.state == State::opened));
  require(run.out.noticed(Notice::authenticate) == run.out.authenticate.has_value());
}

void check(const Run& run, Ups& ups) {
  std::size_t total = 0;
  for (const Octets frame : run.out.frames()) {
    Reader r(frame);
    r.skip(4);
    require(r.u16() == frame.size() - 2 && r.ok() && frame.size() <= kMaxFrame);
    total += frame.size();
  }
  require(run.out.frames().size() <= 8 && total <= 2 * kMaxFrame);
  if (run.link.phase == Phase::dead) require(next_due(run.link) == kNever);
  if (run.link.phase == Phase::authenticate || run.link.phase == Phase::network) require(echo_answerable(run.link));
  check_notices(run, ups);
}

void require_equal(const Run& a, const Run& b) {
  require(std::memcmp(&a.link, &b.link, sizeof(Link)) == 0);
  require(a.out.frames().size() == b.out.frames().size());
  for (std::size_t i = 0; i < a.out.frames().size(); ++i)
    require(std::ranges::equal(a.out.frames()[i], b.out.frames()[i]));
  require(std::ranges::equal(a.out.notices(), b.out.notices()) && a.out.drops == b.out.drops);
}

class Pair {
 public:
  Pair(bool chap, bool pap) : a_(chap, pap), b_(chap, pap) {}

  template <class Step>
  void step(Step one) {
    one(a_);
    one(b_);
    require_equal(a_, b_);
    check(a_, ups_);
    a_.remember_request();
    b_.remember_request();
  }

  void take_over(Reader& program) {
    // A length before each value; 255: it is not told.
    const auto told = [&]() -> std::optional<Octets> {
      const std::size_t length = program.u8();
      if (length == 255) return std::nullopt;
      return program.take(std::min(length, program.left()));
    };
    Proxied proxied{.last_sent = told(), .last_received = told()};
    const auto method = program.u8();
    proxied.method = static_cast<AuthMethod>(method % 3);
    if (method < 0x80) proxied.id = method;
    proxied.name = told();
    proxied.challenge = told();
    proxied.response = told();
    step([&](Run& r) { r.begin(proxied); });
  }
  void bring_up(unsigned far) {
    constexpr std::array<std::uint8_t, 6> kLcpRequest{0xc0, 0x21, 1, 1, 0, 4};
    constexpr std::array<std::uint8_t, 8> kPapRequest{0xc0, 0x23, 1, 1, 0, 6, 0, 0};
    constexpr std::array<std::uint8_t, 16> kIpcpRequest{0x80, 0x21, 1, 1, 0, 10, 3, 6, 10, 0, 0, 2};
    step([](Run& r) { r.begin(); });
    if (far > 0) step([](Run& r) { r.agree(); });
    if (far > 1) step([&](Run& r) { r.frame(kLcpRequest); });
    if (far > 2) step([&](Run& r) { r.frame(kPapRequest); });
    if (far > 3) step([](Run& r) { r.reply(true, 0x1f); });
    if (far > 4) step([&](Run& r) { r.frame(kIpcpRequest); });
    if (far > 5) step([](Run& r) { r.agree(); });
  }

 private:
  Run a_, b_;
  Ups ups_;
};

void interpret(Pair& pair, Reader program) {
  for (int steps = 0; program.left() != 0 && steps < 200; ++steps) switch (program.u8() & 15) {
      case 8: pair.step([](Run& r) { r.tick(); }); break;
      case 9: pair.step([](Run& r) { r.agree(); }); break;
      case 10: {
        const std::uint8_t granted = program.u8();
        pair.step([&](Run& r) { r.reply((granted & 0x20) == 0, granted); });
        break;
      }
      case 11: pair.step([](Run& r) { r.end(); }); break;
      case 12: pair.step([](Run& r) { r.restart(); }); break;
      case 13: {
        const std::chrono::milliseconds pause(program.u8() * 64);
        pair.step([&](Run& r) { r.now += pause, r.tick(); });
        break;
      }
      case 14: {  // what is left, as one long frame
        const Octets octets = program.take(program.left());
        pair.step([&](Run& r) { r.frame(octets); });
        break;
      }
      default: {
        const Octets octets = program.take(std::min<std::size_t>(program.u8(), program.left()));
        pair.step([&](Run& r) { r.frame(octets); });
      }
    }
}

}  // namespace
}  // namespace holdfast::ppp

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  Reader program(Octets(data, size));
  const std::uint8_t first = program.u8();
  const auto pair = std::make_unique<ppp::Pair>((first & 0x40) != 0, (first & 0x80) == 0);
  first % 8 == 7 ? pair->take_over(program) : pair->bring_up(first % 8);
  ppp::interpret(*pair, program);
  return 0;
}
