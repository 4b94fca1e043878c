// Any octets as a discovery frame: what is read lies in the frame, and what is answered reads back as it was meant. The
// octets are taken as bare tags too, so that those are reached from any input.
#include "access/cookie.hpp"
#include "access/reply.hpp"

#include <array>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using namespace holdfast;
using namespace holdfast::access;

void require(bool condition) {
  if (!condition) std::abort();
}

bool same(const std::optional<Octets>& a, const std::optional<Octets>& b) {
  return a.has_value() == b.has_value() && (!a || text_of(*a) == text_of(*b));
}

void within(Octets outer, const std::optional<Octets>& inner) {
  if (!inner || inner->empty()) return;
  require(inner->data() >= outer.data() && inner->data() + inner->size() <= outer.data() + outer.size());
}

void check(Octets octets, const Tags& tags) {
  for (const auto& value : {tags.service_name, tags.ac_name, tags.host_uniq, tags.ac_cookie, tags.relay_session_id,
                            tags.service_name_error, tags.ac_system_error, tags.generic_error})
    within(octets, value);
  within(octets, tags.agent_circuit_id);
  within(octets, tags.agent_remote_id);
  require(tags.agent_circuit_id.size() <= 63 && tags.agent_remote_id.size() <= 63);
}

// Reads a frame of ours; false when there was no room for it.
bool read_back(Octets frame, const Line& line, const Tags& asked, Code code, std::uint16_t session) {
  if (frame.empty()) return false;
  require(frame.size() >= 60 && frame.size() <= kMaxDiscovery);
  const auto d = parse_discovery(frame);
  require(d && d->code == code && d->session == session && d->destination == line.subscriber);
  require(d->outer_vlan == line.outer_vlan && d->inner_vlan == line.inner_vlan && d->outer_type == line.outer_type);
  const auto tags = parse_tags(d->tags);
  require(tags.has_value());
  if (code == Code::padt) return true;
  if (asked.service_name) require(same(tags->service_name, asked.service_name));
  require(same(tags->host_uniq, asked.host_uniq) && same(tags->relay_session_id, asked.relay_session_id));
  return true;
}

void answer(const Discovery& request, const Tags& asked) {
  const MacAddress ours{0x02, 1, 2, 3, 4, 5};
  const std::vector<std::string> services{"internet", "voice"};
  const Line line = line_of(request, ours);
  const CookieKey key{7};
  const TimePoint now{std::chrono::seconds(1000)};
  const Cookie cookie = make_cookie(key, request, PortId{1}, now);
  require(cookie_valid(key, request, PortId{1}, cookie, now));
  if (asked.ac_cookie) (void)cookie_valid(key, request, PortId{1}, *asked.ac_cookie, now);

  std::array<std::uint8_t, kMaxDiscovery> out{};
  const Offer offer{.ac_name = "ac", .services = services, .cookie = cookie, .max_payload = asked.max_payload};
  const bool fits = read_back(write_pado(out, line, asked, offer), line, asked, Code::pado, 0);
  const bool smaller_fits = read_back(write_pads(out, line, asked, 1, asked.max_payload), line, asked, Code::pads, 1);
  require(smaller_fits || !fits);
  read_back(write_pads_error(out, line, asked, TagType::ac_system_error, "full"), line, asked, Code::pads, 0);
  require(read_back(write_padt(out, line, 65534, "bye"), line, asked, Code::padt, 65534));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Octets octets(data, size);
  if (const auto tags = parse_tags(octets)) {
    check(octets, *tags);
    Discovery request;
    request.source = {0x02, 9, 9, 9, 9, 9};
    answer(request, *tags);
  } else {
    require(name(tags.error()) != "unknown");
  }
  const auto request = parse_discovery(octets);
  if (!request) {
    require(name(request.error()) != "unknown");
    return 0;
  }
  within(octets, request->tags);
  if (const auto tags = parse_tags(request->tags)) {
    check(request->tags, *tags);
    answer(*request, *tags);
  }
  return 0;
}
