// Has two engines say all that they can say, in both roles and with and without hidden AVPs, and prints each message as
// a line "NAME VARIANT HEX" for the script dissect, which has tshark judge them. Fails when a message of RFC 2661 is
// not among them, or when one end skips or repeats a number.
#include "pair.hpp"

#include <cstdio>
#include <map>
#include <set>
#include <string>

namespace holdfast::engine::test {
namespace {

using l2tp::MessageType;
using std::chrono::seconds;

class Recorder {
 public:
  explicit Recorder(std::string_view variant) : variant_(variant) {}

  // A whole life in one tunnel between p.lac and p.lns.
  void play(Pair& p) {
    p.lac.config.l2tp.idle_timeout = seconds(0);
    p.lac.handle(PlaceCall{p.to_lns(), full_call()});
    deliver(p);
    const auto call = p.lac.sessions().front();
    const auto theirs = p.lns.sessions().front();
    p.lac.handle(LineErrors{call.tunnel, call.id, {1, 2, 3, 4, 5, 6}});
    p.lns.handle(LinkInfo{theirs.tunnel, theirs.id, {0x000a0000, 0xffffffff}});
    deliver(p);
    p.lns.handle(PlaceCall{{}, Pair::outgoing(), theirs.tunnel});
    deliver(p);
    p.connect_circuits = false;
    p.lns.handle(PlaceCall{{}, Pair::outgoing(), theirs.tunnel});
    deliver(p);
    fail_circuit(p);
    deliver(p);
    p.lns.handle(ClearSession{theirs.tunnel, theirs.id});  // with a PPP Disconnect Cause
    deliver(p);
    pass(p, seconds(150));  // until nobody tries PPP any more, and then a minute of silence: HELLO
    p.lac.handle(ClearTunnel{call.tunnel});
    deliver(p);
    pass(p, seconds(32));
  }
  // A tunnel that the peer must refuse.
  void play_refused(Pair& p) {
    TunnelSpec spec = p.to_lns();
    (void)spec.local_host.assign("stranger");
    p.lac.handle(PlaceCall{spec, Pair::incoming()});
    deliver(p);
    pass(p, seconds(32));
  }

  bool complete() const {
    for (const auto& row : l2tp::kMessages) {
      const bool of_failover = row.type == MessageType::fsq || row.type == MessageType::fsr;
      if (of_failover || said_.count(row.type) != 0) continue;
      std::fprintf(stderr, "%.*s was never sent\n", static_cast<int>(row.name.size()), row.name.data());
      return false;
    }
    return numbers_are_right_;
  }

 private:
  static l2tp::CallSpec full_call() {
    l2tp::CallSpec call = Pair::incoming();
    call.physical_channel = 7;
    call.sequencing = 1;
    (void)call.sub_address.assign("12");
    (void)call.private_group.assign("customers");
    (void)call.agent_circuit_id.assign("rack 1 port 2");
    (void)call.agent_remote_id.assign("alice's modem");
    (void)call.proxy.initial_received_confreq.assign(std::string_view("\x01\x04\x05\xd4", 4));
    (void)call.proxy.last_sent_confreq.assign(std::string_view("\x03\x04\xc0\x23", 4));
    (void)call.proxy.last_received_confreq.assign(std::string_view("\x01\x04\x05\xd4", 4));
    call.proxy.authen_type = 2;
    call.proxy.authen_id = 5;
    (void)call.proxy.challenge.assign("a challenge");
    (void)call.proxy.response.assign("sixteen octets.!");
    return call;
  }
  static void fail_circuit(Pair& p) {
    for (const auto& session : p.lac.sessions()) {
      if (session.state != l2tp::SessionState::wait_cs_answer) continue;
      l2tp::CircuitCause busy{17, 0x45, {}};
      (void)busy.advisory.assign("user busy");
      p.lac.handle(CircuitFailed{session.tunnel, session.id, l2tp::CallResult::busy, {.circuit = busy, .ppp = {}}});
      return;
    }
  }
  void deliver(Pair& p) {
    while (!p.lac.sent.empty() || !p.lns.sent.empty()) {
      record(!p.lac.sent.empty() ? p.lac.sent.front() : p.lns.sent.front());
      p.deliver_one();
      p.answer_circuits();
    }
  }
  void pass(Pair& p, Duration d) {
    const TimePoint until = p.lac.now + d;
    while (p.lac.now < until) {
      const TimePoint next = std::min({p.lac.next(), p.lns.next(), until});
      for (Lns* node : {&p.lac, &p.lns}) node->pass(std::max(next, node->now) - node->now);
      deliver(p);
    }
  }

  void record(const Sent& sent) {
    if (sent.header.kind != static_cast<std::uint16_t>(abi::InjectKind::l2tp_control)) return;
    const auto message = l2tp::parse(sent.payload, octets_of("secret"));
    if (!message) std::abort();
    number(sent, *message);
    said_.insert(message->type);
    std::string line(l2tp::name(message->type));
    line.append(" ").append(variant_).append(" ");
    for (const unsigned octet : sent.payload) {
      constexpr std::string_view digits = "0123456789abcdef";
      line += digits[octet >> 4];
      line += digits[octet & 15];
    }
    std::puts(line.c_str());
  }
  // RFC 2661 5.8, on a wire without loss: each message has the number after the last; a ZLB has it too, and takes none.
  void number(const Sent& sent, const l2tp::ControlMessage& message) {
    if (message.type == MessageType::sccrq) numbers_.clear();
    std::uint16_t& next = numbers_[sent.header.source];
    if (message.header.ns != next) {
      std::fprintf(stderr, "%s: Ns %u instead of %u\n", std::string(l2tp::name(message.type)).c_str(),
                   unsigned{message.header.ns}, unsigned{next});
      numbers_are_right_ = false;
    }
    if (message.type != MessageType::zlb) ++next;
  }

  std::string variant_;
  std::set<MessageType> said_;
  std::map<IpAddress, std::uint16_t> numbers_;
  bool numbers_are_right_ = true;
};

}  // namespace
}  // namespace holdfast::engine::test

int main() {
  using namespace holdfast::engine::test;
  bool right = true;
  for (const Terms& terms : {Terms{}, Terms{.secret = false}, Terms{.hide = true}}) {
    Recorder recorder(terms.hide ? "hidden" : "basic");
    Pair calls(terms), refused(terms);
    recorder.play(calls);
    recorder.play_refused(refused);
    right = recorder.complete() && right;
  }
  return right ? 0 : 1;
}
