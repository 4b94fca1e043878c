// Prints discovery from PADI to PADT, a line "NAME HEX" for each frame, for the script dissect, which has tshark judge
// them: the subscriber's as the tests put them together, ours as the library writes them.
#include "access/cookie.hpp"
#include "access/reply.hpp"
#include "subscriber.hpp"

#include <array>
#include <cstdio>

namespace holdfast::access {
namespace {

void print(const char* name, Octets frame) {
  std::printf("%s ", name);
  for (const auto octet : frame) std::printf("%02x", octet);
  std::printf("\n");
}

void discovery(const Bytes& vlans) {
  const std::vector<std::string> services{"internet", "voice"};
  std::array<std::uint8_t, kMaxDiscovery> out{};

  const Bytes padi =
      frame_of({.code = Code::padi, .tags = tag(TagType::service_name), .vlans = vlans, .destination = kBroadcast});
  const Discovery request = parse_discovery(padi).value();
  const Line line = line_of(request, kOurs);
  const Cookie cookie = make_cookie({}, request, PortId{}, TimePoint{});
  print("padi", padi);
  print("pado", write_pado(out, line, parse_tags(request.tags).value(),
                           {.ac_name = "holdfast-1", .services = services, .cookie = cookie, .max_payload = 1500}));

  const Bytes padr = frame_of({.tags = every_tag(cookie), .vlans = vlans});
  const Tags asked = parse_tags(parse_discovery(padr).value().tags).value();
  print("padr", padr);
  print("pads", write_pads(out, line, asked, 0x1234, 1500));
  print("pads-full", write_pads_error(out, line, asked, TagType::ac_system_error, "too many sessions"));
  print("pads-service", write_pads_error(out, line, asked, TagType::service_name_error, "no such service"));
  print("padt", write_padt(out, line, 0x1234));
  print("padt-error", write_padt(out, line, 0x1234, "administrative"));
}

}  // namespace
}  // namespace holdfast::access

int main() {
  for (const auto& vlans : {holdfast::access::Bytes{}, holdfast::access::Bytes{0x81, 0x00, 0x00, 0x64},
                            holdfast::access::Bytes{0x88, 0xa8, 0x00, 0x0a, 0x81, 0x00, 0x00, 0x64}})
    holdfast::access::discovery(vlans);
}
