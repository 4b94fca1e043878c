#include "dissect.hpp"

#include "l2tp/message.hpp"

#include <cstdio>

namespace holdfast::sim {
namespace {

unsigned u16(const Datagram& d, std::size_t at) {
  return at + 1 < d.payload.size() ? unsigned{d.payload[at]} << 8 | d.payload[at + 1] : 0u;
}

std::string data(const Datagram& d) {
  std::array<char, 96> text{};
  std::snprintf(text.data(), text.size(), "data [%u/%u] PPP %04x code %u", u16(d, 2), u16(d, 4), u16(d, 6),
                u16(d, 8) >> 8);
  return text.data();
}

}  // namespace

std::string dissect(const Datagram& d, std::string_view secret) {
  using l2tp::AvpType;
  if (is_data(d)) return data(d);
  const auto m = l2tp::parse(d.payload, octets_of(secret));
  if (!m) return std::string(l2tp::name(m.error()));
  std::array<char, 160> text{};
  std::snprintf(text.data(), text.size(), "%s [%u/%u] Ns %u Nr %u", std::string(l2tp::name(m->type)).c_str(),
                unsigned{m->header.tunnel.value()}, unsigned{m->header.session.value()}, unsigned{m->header.ns},
                unsigned{m->header.nr});
  std::string out = text.data();
  if (const auto id = m->u16(AvpType::assigned_tunnel_id)) out += " tunnel " + std::to_string(*id);
  if (const auto id = m->u16(AvpType::assigned_session_id)) out += " session " + std::to_string(*id);
  if (const auto code = m->result_code())
    out += " result " + std::to_string(code->result) + "/" + std::to_string(code->error.value_or(0)) + " " +
           std::string(code->text);
  return out;
}

}  // namespace holdfast::sim
