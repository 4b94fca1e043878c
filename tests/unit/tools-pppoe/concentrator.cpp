#include "concentrator.hpp"

#include "pppoe/frame.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace holdfast::pppoe::test {
namespace {

using access::Code;

constexpr access::MacAddress kOurs{0x02, 0xac, 0, 0, 0, 1};
constexpr access::CookieKey kKey{9};
constexpr PortId kPort{1};

std::size_t header_length(const access::Line& line) {
  return 12 + (line.outer_vlan != 0 ? 4u : 0u) + (line.inner_vlan != 0 ? 4u : 0u) + 2;
}

}  // namespace

void Concentrator::receive(Octets frame, TimePoint now) {
  if (const auto discovery = access::parse_discovery(frame))
    discover(*discovery, now);
  else
    take_session(frame, now);
}

void Concentrator::discover(const access::Discovery& d, TimePoint now) {
  const auto tags = access::parse_tags(d.tags).value();
  const auto line = access::line_of(d, kOurs);
  std::array<std::uint8_t, access::kMaxDiscovery> out{};
  switch (d.code) {
    case Code::padi: {
      requests.push_back("PADI");
      if (!habits.answers_padi || !access::offers(habits.services, *tags.service_name)) return;
      const auto cookie = access::make_cookie(kKey, d, kPort, now);
      send_(access::write_pado(out, line, tags,
                               {.ac_name = "ac", .services = habits.services, .cookie = cookie, .max_payload = {}}));
      return;
    }
    case Code::padr: {
      requests.push_back("PADR");
      if (!habits.answers_padr) return;
      if (!access::cookie_valid(kKey, d, kPort, tags.ac_cookie.value_or(Octets{}), now)) {
        ++cookies_refused;
        return;
      }
      if (habits.full)
        return send_(access::write_pads_error(out, line, tags, access::TagType::ac_system_error, "full"));
      Session& session = sessions_[++last_session_];
      session.line = line;
      session.id = last_session_;
      send_(access::write_pads(out, line, tags, session.id));
      ppp::Output output;
      ppp::start(session.link, policy_, {now, entropy_}, output);
      return carry_out(session, output, now);
    }
    case Code::padt:
      ++padts;
      sessions_.erase(d.session);
      return;
    case Code::pado:
    case Code::pads: return;
  }
}

void Concentrator::take_session(Octets frame, TimePoint now) {
  const auto read = parse_frame(frame);
  const auto found = read ? sessions_.find(read->session) : sessions_.end();
  if (found == sessions_.end() || read->payload.size() < 2) return;
  const Octets payload = read->payload;
  if (payload[0] == 0x00 && payload[1] == 0x21) {
    packets.emplace_back(payload.begin() + 2, payload.end());
    return;
  }
  ppp::Output out;
  ppp::receive(found->second.link, payload, policy_, {now, entropy_}, out);
  carry_out(found->second, out, now);
}

void Concentrator::carry_out(Session& session, ppp::Output& out, TimePoint now) {
  for (const Octets frame : out.frames()) send_ppp(session, frame);
  if (!out.authenticate) return;
  ++authenticated;
  ppp::Output more;
  const ppp::AuthAnswer answer{.accept = habits.takes_passwords,
                               .request = out.authenticate->request,
                               .message = {},
                               .our_ipv4 = 0x0a000001,
                               .peer_ipv4 = 0x0a010000u + session.id};
  ppp::answer(session.link, answer, policy_, {now, entropy_}, more);
  for (const Octets frame : more.frames()) send_ppp(session, frame);
}

void Concentrator::send_ppp(const Session& session, Octets frame) {
  // The headers of a PADT of the session, made those of a frame of the session stage.
  std::array<std::uint8_t, access::kMaxDiscovery> room{};
  const auto padt = access::write_padt(room, session.line, session.id);
  const auto at = header_length(session.line);
  Bytes out(padt.begin(), padt.begin() + static_cast<std::ptrdiff_t>(at + 6));
  out[at - 1] = 0x64;
  out[at + 1] = 0;
  out[at + 4] = static_cast<std::uint8_t>(frame.size() >> 8);
  out[at + 5] = static_cast<std::uint8_t>(frame.size());
  out.insert(out.end(), frame.begin(), frame.end());
  out.resize(std::max<std::size_t>(out.size(), 60));
  send_(out);
}

void Concentrator::end_all(std::string_view text) {
  std::array<std::uint8_t, access::kMaxDiscovery> out{};
  for (const auto& [id, session] : std::exchange(sessions_, {})) send_(access::write_padt(out, session.line, id, text));
}

void Concentrator::renegotiate_all(TimePoint now) {
  for (auto& [id, session] : sessions_) {
    ppp::Output out;
    ppp::start(session.link, policy_, {now, entropy_}, out);
    carry_out(session, out, now);
  }
}

void Concentrator::echo_all() {
  constexpr std::array<std::uint8_t, 10> kEcho{0xc0, 0x21, 9, 1, 0, 8, 0, 0, 0, 0};
  for (const auto& [id, session] : sessions_) send_ppp(session, kEcho);
}

}  // namespace holdfast::pppoe::test
