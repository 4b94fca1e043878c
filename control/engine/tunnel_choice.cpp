#include "engine/tunnel_choice.hpp"

#include "config/lookup.hpp"
#include "engine/recorded_method.hpp"

#include <cstdlib>

namespace holdfast::engine {
namespace {

// The configuration's grammar bounds the length of every name and password.
template <std::size_t Capacity>
void copy(InlineOctets<Capacity>& to, const std::string& from) {
  if (!to.assign(from)) std::abort();
}

TunnelChoice choice(const config::Config& config, const config::DomainTunnel& tunnel) {
  TunnelChoice out;
  out.number = tunnel.number;
  out.preference = tunnel.preference;
  TunnelSpec& spec = out.tunnel;
  spec.peer = tunnel.address;
  spec.local = config::source_address(config, tunnel);
  spec.max_sessions = tunnel.max_sessions;
  spec.resync = recorded(config::resync_method(config, tunnel));
  spec.hide = tunnel.hidden_avps ? 1 : 0;
  copy(spec.local_host, tunnel.client_name.empty() ? config.hostname : tunnel.client_name);
  copy(spec.peer_host, tunnel.server_name);
  copy(spec.assignment_id, tunnel.identification);
  copy(spec.secret, tunnel.password);
  return out;
}

}  // namespace

TunnelChoices tunnel_choices(const config::Config& config, const config::DomainMap& domain) {
  TunnelChoices out;
  for (const auto& tunnel : domain.tunnels)
    if (!tunnel.drain && !out.push(choice(config, tunnel))) break;  // their numbers are 1..31, each once
  return out;
}

}  // namespace holdfast::engine
