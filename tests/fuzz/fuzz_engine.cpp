// The whole engine: a sequence of events from two peers, their subscribers, timers, an operator and a killer. Input:
// one octet of configuration, then operations; each is an octet that says which, an octet that says on which tunnel,
// and what it needs. Peers number their messages rightly unless the input says otherwise, so that tunnels and calls
// come up.
#include "engine_world.hpp"
#include "wire/reader.hpp"

#include <algorithm>
#include <set>

namespace {

using namespace holdfast;
using namespace holdfast::engine;
using namespace holdfast::engine::fuzz;
using l2tp::AvpType;
using l2tp::MessageBuilder;
using l2tp::MessageType;

// What must hold between the events.
void check(World& w) {
  const Memory& memory = w.memory;
  const Indexes& indexes = w.engine->indexes();
  require(indexes.tunnels() == memory.used(Table::tunnel) && memory.used(Table::tunnel) < World::kCapacity);
  require(indexes.sessions() == memory.used(Table::session));
  require(memory.used(Table::message) <= memory.used(Table::tunnel) * l2tp::kSlots);
  std::map<std::uint16_t, std::uint32_t> sessions;
  std::set<PeersId> peers_ids;
  std::set<std::uint32_t> calls;
  memory.each(Table::session, [&](std::uint32_t i) {
    const SessionRecord& session = *memory.session(SessionIndex{i});
    require(session.l2tp.state != l2tp::SessionState::idle);
    require(memory.tunnel(session.l2tp.tunnel) != nullptr);
    ++sessions[session.l2tp.tunnel.raw];
    const PeersId id{session.l2tp.tunnel.raw, session.l2tp.peer.raw};
    if (!peers_ids.insert(id).second) w.used_twice.insert(id);
    if (session.call == 0) return;
    require(memory.placed_call(session.call) != nullptr && memory.placed_call(session.call)->session.raw == i);
    calls.insert(session.call);
  });
  require(calls.size() == memory.used(Table::call));
  memory.each(Table::tunnel, [&](std::uint32_t i) {
    const TunnelRecord& tunnel = *memory.tunnel(TunnelId(static_cast<std::uint16_t>(i)));
    require(tunnel.l2tp.id.raw == i && tunnel.l2tp.state != l2tp::TunnelState::idle);
    require(tunnel.sessions == sessions[tunnel.l2tp.id.raw]);
    require(tunnel.l2tp.initiated == 0 || memory.spec(tunnel.l2tp.id) != nullptr);
    const auto sent = l2tp::unacknowledged(tunnel.l2tp.channel);
    for (std::uint16_t n = 0; n < sent.count; ++n)
      require(memory.get<MessageRecord>(Table::message,
                                        message_index(tunnel.l2tp.id, static_cast<std::uint16_t>(sent.first_ns + n))) !=
              nullptr);
    if (!tunnel.l2tp.peer) return;
    // Two tunnels may claim the same end; the index then has one of them.
    const auto found = indexes.find({tunnel.l2tp.remote, tunnel.l2tp.remote_port, tunnel.l2tp.peer});
    if (found) require(memory.tunnel(*found) != nullptr && memory.tunnel(*found)->l2tp.peer == tunnel.l2tp.peer);
  });
  std::set<IpAddress> addresses;
  memory.each(Table::subscriber, [&](std::uint32_t i) {
    require(memory.session(SessionIndex{i}) != nullptr);
    const SubscriberRecord& subscriber = *memory.subscriber(SessionIndex{i});
    if (subscriber.ipv4) require(addresses.insert(subscriber.ipv4).second);
  });
}

// What the next process would derive from the records is what this one knows.
void check_against_rebuilt(const World& w) {
  Engine next(w.config, w.memory, w.engine->capacity());
  next.rebuild();
  const Indexes& ours = w.engine->indexes();
  const Indexes& rebuilt = next.indexes();
  require(ours.tunnels() == rebuilt.tunnels() && ours.sessions() == rebuilt.sessions());
  w.memory.each(Table::session, [&](std::uint32_t i) {
    const l2tp::Session& session = w.memory.session(SessionIndex{i})->l2tp;
    // A peer that gives two calls one id confuses itself.
    if (!session.peer || w.used_twice.count({session.tunnel.raw, session.peer.raw}) != 0) return;
    const SessionId early = rebuilt.find_early(session.tunnel, session.peer);
    require(!early || ours.find_early(session.tunnel, session.peer) == early);
  });
  w.memory.each(Table::spec, [&](std::uint32_t i) {
    const TunnelSpec& spec = w.memory.spec(TunnelId(static_cast<std::uint16_t>(i)))->spec;
    std::multiset<std::uint16_t> here, there;
    ours.for_each_of(spec, [&](TunnelId id) { here.insert(id.raw); });
    rebuilt.for_each_of(spec, [&](TunnelId id) { there.insert(id.raw); });
    require(here == there);
    here.clear();
    there.clear();
    ours.for_each_opening(spec.peer, [&](TunnelId id) { here.insert(id.raw); });
    rebuilt.for_each_opening(spec.peer, [&](TunnelId id) { there.insert(id.raw); });
    require(std::ranges::includes(here, there));  // those that were given up are passed over
  });
}

class Player {
 public:
  Player(World& world, Reader& in) : w_(world), in_(in) {}

  void play() {
    const auto operation = in_.u8();
    tunnel_ = in_.u8() % World::kTunnels;
    switch (operation % 18) {
      case 0: return ask_for_tunnel();
      case 1: return answer();
      case 2: return ask_for_call(MessageType::icrq);
      case 3: return ask_for_call(MessageType::ocrq);
      case 4: return any_message();
      case 5: return raw();
      case 6: return any_frame();
      case 7: return answer_frame();
      case 8: return w_.expire_next();
      case 9: w_.now += std::chrono::milliseconds(in_.u8() * 100); return;
      case 10: return place_call(l2tp::CallKind::incoming);
      case 11: return place_call(l2tp::CallKind::outgoing);
      case 12: return w_.handle(CircuitConnected{w_.wanted.first, w_.wanted.second, {.tx_speed = 64'000}});
      case 13: return w_.handle(CircuitFailed{w_.wanted.first, w_.wanted.second, l2tp::CallResult::busy, {}});
      case 14: return w_.handle(ClearTunnel{engines_tunnel()});
      case 15: return w_.handle(ClearSession{engines_tunnel(), peer().session});
      case 16: return w_.restart();
      case 17: return about_the_line();
    }
  }

 private:
  PeerTunnel& peer() { return w_.tunnels[tunnel_]; }
  TunnelId engines_tunnel() { return peer().engines; }

  MessageBuilder message(MessageType type, bool of_session = false) {
    MessageBuilder b(room_, type, PeerTunnelId(type == MessageType::sccrq ? std::uint16_t{0} : peer().engines.value()),
                     PeerSessionId(of_session ? peer().session.value() : std::uint16_t{0}));
    if (w_.config.l2tp.destinations[0].hosts[0].hidden_avps) b.hide(octets_of(w_.secret), w_.entropy);
    return b;
  }
  // Sends what was built, with the right numbers, and then as the next octet of the input wants it.
  void send(MessageBuilder& b) {
    const Octets built = b.finish();
    std::vector<std::uint8_t> octets(built.begin(), built.end());
    if (octets.empty()) return;
    PeerTunnel& t = peer();
    l2tp::set_sequence(octets, t.ns, t.nr);
    const auto how = in_.u8();
    ++t.ns;
    std::uint16_t port = 1701;
    if (how >= 0xf0)
      port = 1702;
    else if (how >= 0xe0)
      octets.resize(in_.u16() % octets.size());
    else if (how >= 0xc0)
      octets[in_.u16() % octets.size()] ^= in_.u8();
    else if (how >= 0xa0)
      l2tp::set_sequence(octets, in_.u16(), t.nr);
    else if (how >= 0x80)
      l2tp::set_sequence(octets, static_cast<std::uint16_t>(t.ns - 1), in_.u16());
    else if (how >= 0x70)
      --t.ns;  // it comes twice: once now, and the next one has its number
    w_.datagram(tunnel_, octets, port);
    if (how == 0x7f) w_.datagram(tunnel_, octets, port);
  }
  void introduce(MessageBuilder& b) {
    b.u16(AvpType::protocol_version, l2tp::kProtocolVersion)
        .text(AvpType::host_name, "peer")
        .u32(AvpType::framing_capabilities, 3)
        .u16(AvpType::assigned_tunnel_id, peer().ours);
    if (!w_.secret.empty()) b.octets(AvpType::challenge, octets_of("a challenge"));
  }
  void respond(MessageBuilder& b, MessageType carrier) {
    if (peer().challenge.empty()) return;
    b.octets(AvpType::challenge_response, l2tp::challenge_response(carrier, octets_of(w_.secret), peer().challenge));
  }

  void ask_for_tunnel() {
    peer() = PeerTunnel{.ours = peer().ours};
    auto b = message(MessageType::sccrq);
    introduce(b);
    if (const auto tie = in_.u8(); tie != 0) b.u64(AvpType::tie_breaker, std::uint64_t{tie} << 56);
    send(b);
  }
  void ask_for_call(MessageType type) {
    peer().our_session = static_cast<std::uint16_t>(in_.u8() % 8 + 1);
    auto b = message(type);
    b.u16(AvpType::assigned_session_id, peer().our_session).u32(AvpType::call_serial_number, 1);
    if (type == MessageType::ocrq)
      b.u32(AvpType::minimum_bps, 1)
          .u32(AvpType::maximum_bps, 2)
          .u32(AvpType::bearer_type, 1)
          .u32(AvpType::framing_type, 1)
          .text(AvpType::called_number, "5551234");
    send(b);
  }
  // What a peer says that goes on with what it heard last.
  void answer() {
    switch (peer().heard) {
      case MessageType::sccrq: {
        auto b = message(MessageType::sccrp);
        introduce(b);
        respond(b, MessageType::sccrp);
        return send(b);
      }
      case MessageType::sccrp: {
        auto b = message(MessageType::scccn);
        respond(b, MessageType::scccn);
        return send(b);
      }
      case MessageType::icrq:
      case MessageType::ocrq: {
        const bool incoming = peer().heard == MessageType::icrq;
        peer().our_session = static_cast<std::uint16_t>(in_.u8() % 8 + 1);
        auto b = message(incoming ? MessageType::icrp : MessageType::ocrp, true);
        b.u16(AvpType::assigned_session_id, peer().our_session);
        peer().heard = incoming ? MessageType::zlb : MessageType::occn;
        return send(b);
      }
      case MessageType::icrp:
      case MessageType::occn: {  // occn: said OCRP
        auto b = message(peer().heard == MessageType::icrp ? MessageType::iccn : MessageType::occn, true);
        b.u32(AvpType::tx_connect_speed, 64'000).u32(AvpType::framing_type, 1);
        return send(b);
      }
      default: {
        std::array<std::uint8_t, l2tp::kControlHeaderLength> zlb{};
        return w_.datagram(tunnel_, l2tp::build_zlb(zlb, PeerTunnelId(peer().engines.value()), peer().ns, peer().nr));
      }
    }
  }

  // A message of any type with the AVPs that the input names, each with a plausible value.
  void any_message() {
    const auto& row = l2tp::kMessages[1 + in_.u8() % (l2tp::kMessages.size() - 1)];
    auto b = message(row.type, row.scope == l2tp::Scope::session);
    const auto optional = in_.u8();
    unsigned n = 0;
    for (const auto type : row.required) add(b, type);
    for (const auto type : row.optional)
      if ((optional >> (n++ % 8) & 1) != 0) add(b, type);
    send(b);
  }
  void add(MessageBuilder& b, AvpType type) {
    switch (l2tp::find_avp(type)->kind) {
      case l2tp::Kind::empty: b.flag(type); return;
      case l2tp::Kind::u16:
        b.u16(type, type == AvpType::protocol_version ? l2tp::kProtocolVersion : std::uint16_t{in_.u8()});
        return;
      case l2tp::Kind::id: b.u16(type, type == AvpType::assigned_tunnel_id ? peer().ours : in_.u8()); return;
      case l2tp::Kind::u32: b.u32(type, in_.u8()); return;
      case l2tp::Kind::u64: b.u64(type, in_.u8()); return;
      case l2tp::Kind::text:
        b.text(type, type == AvpType::host_name ? "peer" : type == AvpType::proxy_authen_name ? "alice" : "ab");
        return;
      case l2tp::Kind::octets: {
        if (type == AvpType::last_sent_lcp_confreq || type == AvpType::last_received_lcp_confreq)
          return add_configure_request(b, type);
        const std::vector<std::uint8_t> value(std::max<std::size_t>(l2tp::find_avp(type)->min_length, 4), in_.u8());
        b.octets(type, value);
        return;
      }
      case l2tp::Kind::structure: return add_structure(b, type);
    }
  }
  // Some of the options that LCP may have been opened with, as the bits of the input say.
  void add_configure_request(MessageBuilder& b, AvpType type) {
    static constexpr std::array<std::array<std::uint8_t, 6>, 8> kOptions{{{1, 4, 0x05, 0xb4},
                                                                          {3, 4, 0xc0, 0x23},
                                                                          {3, 5, 0xc2, 0x23, 5},
                                                                          {5, 6, 1, 2, 3, 4},
                                                                          {7, 2},
                                                                          {8, 2},
                                                                          {17, 4, 5, 0xdc},
                                                                          {5, 6, 4, 3, 2, 1}}};
    const auto bits = in_.u8();
    std::vector<std::uint8_t> options;
    for (std::size_t i = 0; i < kOptions.size(); ++i)
      if ((bits >> i & 1) != 0)
        options.insert(options.end(), kOptions[i].begin(), kOptions[i].begin() + kOptions[i][1]);
    b.octets(type, options);
  }
  void add_structure(MessageBuilder& b, AvpType type) {
    if (type == AvpType::result_code) b.result(in_.u8(), in_.u8(), "text");
    if (type == AvpType::q931_cause_code) b.add(l2tp::Q931Cause{in_.u8(), 1, "advisory"});
    if (type == AvpType::call_errors) b.add(l2tp::CallErrors{});
    if (type == AvpType::accm) b.add(l2tp::Accm{});
    if (type == AvpType::ppp_disconnect_cause_code) b.add(l2tp::PppDisconnectCause{in_.u8(), 0, 1, "message"});
    if (type == AvpType::failover_capability) b.add(l2tp::FailoverCapability{true, false, {}});
    if (type == AvpType::tunnel_recovery) b.add(l2tp::TunnelRecovery{});
    if (type == AvpType::suggested_control_sequence) b.add(l2tp::SuggestedControlSequence{in_.u8(), in_.u8()});
    if (type == AvpType::failover_session_state) b.add(l2tp::FailoverSessionState{});
  }

  void raw() {
    const Octets octets = in_.take(std::min<std::size_t>(in_.u8(), in_.left()));
    w_.datagram(tunnel_, octets);
  }
  void any_frame() {
    const Octets octets = in_.take(std::min<std::size_t>(in_.u8(), in_.left()));
    const std::vector<std::uint8_t> copy(octets.begin(), octets.end());
    w_.handle(PppFrame{w_.frames_of.first, w_.frames_of.second, copy});
  }
  // One of the engine's latest frames with another code, which acknowledges a request, asks for what a Nak suggests,
  // and much else; or a request of the subscriber's own.
  void answer_frame() {
    const auto how = in_.u8();
    const auto which = in_.u8();
    if (w_.frames.empty()) return;
    auto frame = w_.frames[which % w_.frames.size()];
    if (frame.size() < 6) return;
    frame[2] = static_cast<std::uint8_t>(how == 0 ? 2 : how % 16);
    if (how >= 0x80) frame = {0xc0, 0x21, 1, how, 0, 10, 5, 6, 9, 9, 9, how};
    if (how >= 0xa0) frame = pap(how);
    if (how >= 0xc0) frame = {0x80, 0x21, 1, how, 0, 10, 3, 6, 0, 0, 0, 0};
    if (how >= 0xe0) frame = {0x80, 0x57, 1, how, 0, 14, 1, 10, 2, 0, 0, 0, 0, 0, 0, how};
    w_.handle(PppFrame{w_.frames_of.first, w_.frames_of.second, frame});
  }
  static std::vector<std::uint8_t> pap(std::uint8_t id) {
    std::vector<std::uint8_t> frame{0xc0, 0x23, 1, id, 0, 21};
    for (const std::string_view text : {"alice", "wonderland"}) {
      frame.push_back(static_cast<std::uint8_t>(text.size()));
      frame.insert(frame.end(), text.begin(), text.end());
    }
    return frame;
  }
  void place_call(l2tp::CallKind kind) {
    l2tp::CallSpec call;
    call.kind = kind;
    call.tx_speed = 64'000;
    (void)call.called.assign("5551234");
    const auto in = in_.u8();
    w_.handle(PlaceCall{w_.spec(tunnel_), call, (in & 1) != 0 ? engines_tunnel() : TunnelId{}});
  }
  void about_the_line() {
    w_.handle(LineErrors{engines_tunnel(), peer().session, {}});
    w_.handle(LinkInfo{engines_tunnel(), peer().session, {}});
  }

  World& w_;
  Reader& in_;
  std::size_t tunnel_ = 0;
  std::array<std::uint8_t, 2048> room_{};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Reader in({data, size});
  World world(in.u8());
  Player player(world, in);
  for (unsigned operations = 0; in.left() > 0 && operations < 200; ++operations) {
    player.play();
    check(world);
  }
  check_against_rebuilt(world);
  return 0;
}
