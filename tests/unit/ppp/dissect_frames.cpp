// Prints PPP frames of every kind that the library sends, a line "NAME HEX" each, for the script dissect, which has
// tshark judge them. Some come from whole bring-ups, with the peer's frames between them, the others from single calls.
#include "subscriber/router_advertisement.hpp"
#include "wire.hpp"

#include <cstdio>

namespace holdfast::ppp {
namespace {

void print(std::string_view title, Octets frame) {
  std::printf("%s %s\n", std::string(title).c_str(), hex(frame).c_str());
}

void bring_up(std::string_view title, Peer::Habits habits) {
  Wire w(std::move(habits));
  (void)w.bring_up();
  for (const Bytes& frame : w.frames) print(title, frame);
}

// What the link answers to one frame in the network phase.
void reply(std::string_view title, std::string_view hex_frame) {
  Wire w;
  (void)w.bring_up();
  CountingEntropy entropy;
  Output out;
  receive(w.link, bytes(hex_frame), w.policy, {w.now, entropy}, out);
  for (const Octets frame : out.frames()) print(title, frame);
}

void keepalive() {
  Wire w;
  w.policy.echo_interval = std::chrono::seconds(1);
  (void)w.bring_up();
  CountingEntropy entropy;
  Output out;
  expire(w.link, w.policy, {next_due(w.link), entropy}, out);
  for (const Octets frame : out.frames()) print("echo-request", frame);
}

void router_advertisement() {
  std::array<std::uint8_t, 2 + subscriber::kMaxRouterAdvertisement> frame{0x00, 0x57};
  subscriber::RouterAdvertisement ra{.our_interface_id = 1, .mtu = 1460};
  const auto prefix = bytes("20010db8000100020000000000000000");
  std::copy(prefix.begin(), prefix.end(), ra.prefix.address.octets.begin());
  ra.prefix.length = 64;
  ra.dns1 = ra.dns2 = ra.prefix.address;
  ra.dns1.octets[15] = 0x53;
  ra.dns2.octets[15] = 0x54;
  const Octets packet = subscriber::build_router_advertisement(MutableOctets(frame).subspan(2), ra);
  print("router-advertisement", Octets(frame).first(2 + packet.size()));
}

}  // namespace
}  // namespace holdfast::ppp

int main() {
  using namespace holdfast::ppp;
  bring_up("chap", {});
  bring_up("pap", {.takes_chap = false});
  bring_up("chap-refused", {.password = "wrong"});
  bring_up("pap-refused", {.takes_chap = false, .password = "wrong"});
  reply("lcp-nak", "c021 01 07 000e 0104 007f 0506 00000000");
  reply("lcp-reject", "c021 01 07 000d 0304 c023 0305 c223 05");
  reply("code-reject", "c021 0e 33 0006 abcd");
  reply("protocol-reject", "80fd 01 05 000a 1206 01000060");
  reply("echo-reply", "c021 09 05 000c aabbccdd 01020304");
  reply("terminate-ack", "c021 05 42 0008 62796521");
  reply("ipv6cp-nak", "8057 01 01 000e 010a 0000000000000000");
  keepalive();
  router_advertisement();
}
