#include "config/object.hpp"

#include "config/field.hpp"

namespace holdfast::config {
namespace {

// A name at a place where the syntax also has this keyword: in quotes when it is spelt alike.
std::string word_but(std::string_view keyword, const std::string& name) {
  return name == keyword ? '"' + name + '"' : word(name);
}

constexpr std::string_view kDefaultHost = "default";
std::string remote_host_word(const std::string& name) {
  return name.empty() ? std::string(kDefaultHost) : word_but(kDefaultHost, name);
}

// `remote host default` is kept as the empty name; a host that calls itself "default" is written in quotes.
std::string remote_host(const Arguments& arguments) {
  return arguments.front().kind == Kind::keyword ? "" : arguments.front().text;
}

template <class Objects>
Complaint remove_named(Objects& objects, std::string_view name) {
  std::erase_if(objects, [&](const auto& object) { return object.name == name; });
  return std::nullopt;
}

// The statement that opens the object's block, and what stands in it.
template <class Object>
void print_object(Printer& printer, const Statement& statement, View view, const Object& object,
                  const std::string& words) {
  printer.line(std::string(head(statement.syntax)) + ' ' + words);
  std::get<const Object*>(view) = &object;
  printer.block(kBlockOf<Object>, view);
}

}  // namespace

std::string first_argument(const Arguments& arguments) { return word(arguments.front().text); }

std::string interface_name(const Arguments& arguments) {
  return arguments.front().kind == Kind::keyword ? kLoopback : arguments.front().text;
}

std::string remote_host_name(const Arguments& arguments) { return remote_host_word(remote_host(arguments)); }

std::string number_argument(const Arguments& arguments) { return std::to_string(arguments.front().number); }

Complaint add_interface(Scope& scope, const Arguments& arguments) {
  auto& added = std::get<Config*>(scope)->interfaces.emplace_back();
  added.name = interface_name(arguments);
  std::get<Interface*>(scope) = &added;
  return std::nullopt;
}

Complaint add_ipv4_pool(Scope& scope, const Arguments& arguments) {
  const IpAddress first = arguments[1].ip.address;
  const IpAddress last = arguments[2].ip.address;
  if (last < first) return "the last address of the pool is below the first";
  if (!is_unicast(first) || !is_unicast(last)) return kNotUnicast;
  std::get<Config*>(scope)->ipv4_pools.push_back({arguments.front().text, first, last});
  return std::nullopt;
}

Complaint add_ipv6_pool(Scope& scope, const Arguments& arguments) {
  const IpPrefix prefix = arguments[1].ip;
  if (prefix.length > Ipv6Pool{}.delegated_length) return "the pool is smaller than one prefix of length 64";
  if (!is_unicast(prefix.address)) return kNotUnicast;
  if (!is_network(prefix)) return "the prefix has bits set beyond its length";
  std::get<Config*>(scope)->ipv6_pools.push_back({.name = arguments.front().text, .prefix = prefix});
  return std::nullopt;
}

Complaint add_local_user(Scope& scope, const Arguments& arguments) {
  auto& added = std::get<Config*>(scope)->aaa.users.emplace_back();
  added.name = arguments.front().text;
  std::get<LocalUser*>(scope) = &added;
  return std::nullopt;
}

Complaint add_destination(Scope& scope, const Arguments& arguments) {
  auto& added = std::get<Config*>(scope)->l2tp.destinations.emplace_back();
  added.name = arguments.front().text;
  added.address = arguments.back().ip.address;
  std::get<DestinationProfile*>(scope) = &added;
  return std::nullopt;
}

Complaint add_host(Scope& scope, const Arguments& arguments) {
  auto& added = std::get<DestinationProfile*>(scope)->hosts.emplace_back();
  added.remote_host = remote_host(arguments);
  std::get<HostProfile*>(scope) = &added;
  return std::nullopt;
}

Complaint add_domain(Scope& scope, const Arguments& arguments) {
  auto& added = std::get<Config*>(scope)->aaa.domains.emplace_back();
  added.name = arguments.front().text;
  std::get<DomainMap*>(scope) = &added;
  return std::nullopt;
}

Complaint add_domain_tunnel(Scope& scope, const Arguments& arguments) {
  auto& added = std::get<DomainMap*>(scope)->tunnels.emplace_back();
  added.number = static_cast<std::uint8_t>(arguments.front().number);
  std::get<DomainTunnel*>(scope) = &added;
  return std::nullopt;
}

Complaint remove_interface(Scope& scope, const Arguments& arguments) {
  return remove_named(std::get<Config*>(scope)->interfaces, interface_name(arguments));
}
Complaint remove_ipv4_pool(Scope& scope, const Arguments& arguments) {
  return remove_named(std::get<Config*>(scope)->ipv4_pools, arguments.front().text);
}
Complaint remove_ipv6_pool(Scope& scope, const Arguments& arguments) {
  return remove_named(std::get<Config*>(scope)->ipv6_pools, arguments.front().text);
}
Complaint remove_local_user(Scope& scope, const Arguments& arguments) {
  return remove_named(std::get<Config*>(scope)->aaa.users, arguments.front().text);
}
Complaint remove_destination(Scope& scope, const Arguments& arguments) {
  return remove_named(std::get<Config*>(scope)->l2tp.destinations, arguments.front().text);
}
Complaint remove_host(Scope& scope, const Arguments& arguments) {
  std::erase_if(std::get<DestinationProfile*>(scope)->hosts,
                [name = remote_host(arguments)](const HostProfile& host) { return host.remote_host == name; });
  return std::nullopt;
}

Complaint remove_domain(Scope& scope, const Arguments& arguments) {
  return remove_named(std::get<Config*>(scope)->aaa.domains, arguments.front().text);
}
Complaint remove_domain_tunnel(Scope& scope, const Arguments& arguments) {
  std::erase_if(std::get<DomainMap*>(scope)->tunnels,
                [number = arguments.front().number](const DomainTunnel& tunnel) { return tunnel.number == number; });
  return std::nullopt;
}

void print_interfaces(Printer& printer, const Statement& statement, const View& view) {
  for (const auto& interface : std::get<const Config*>(view)->interfaces)
    print_object(printer, statement, view, interface,
                 interface.name == kLoopback ? "loopback 0" : word_but("loopback", interface.name));
}

void print_ipv4_pools(Printer& printer, const Statement& statement, const View& view) {
  for (const auto& pool : std::get<const Config*>(view)->ipv4_pools)
    printer.line(std::string(head(statement.syntax)) + ' ' + word(pool.name) + ' ' + to_text(pool.first) + ' ' +
                 to_text(pool.last));
}

void print_ipv6_pools(Printer& printer, const Statement& statement, const View& view) {
  for (const auto& pool : std::get<const Config*>(view)->ipv6_pools)
    printer.line(std::string(head(statement.syntax)) + ' ' + word(pool.name) + ' ' + to_text(pool.prefix) + ' ' +
                 std::to_string(pool.delegated_length));
}

void print_local_users(Printer& printer, const Statement& statement, const View& view) {
  for (const auto& user : std::get<const Config*>(view)->aaa.users)
    print_object(printer, statement, view, user, word(user.name));
}

void print_destinations(Printer& printer, const Statement& statement, const View& view) {
  for (const auto& destination : std::get<const Config*>(view)->l2tp.destinations)
    print_object(printer, statement, view, destination,
                 word(destination.name) + (destination.address.is_v4() ? " ip address " : " ipv6 address ") +
                     to_text(destination.address));
}

void print_hosts(Printer& printer, const Statement& statement, const View& view) {
  for (const auto& host : std::get<const DestinationProfile*>(view)->hosts)
    print_object(printer, statement, view, host, remote_host_word(host.remote_host));
}

void print_domains(Printer& printer, const Statement& statement, const View& view) {
  for (const auto& domain : std::get<const Config*>(view)->aaa.domains)
    print_object(printer, statement, view, domain, word(domain.name));
}

void print_domain_tunnels(Printer& printer, const Statement& statement, const View& view) {
  for (const auto& tunnel : std::get<const DomainMap*>(view)->tunnels)
    print_object(printer, statement, view, tunnel, std::to_string(tunnel.number));
}

Complaint set_local_ip(Scope& scope, const Arguments& arguments) {
  const IpAddress address = arguments.front().ip.address;
  if (!is_unicast(address)) return kNotUnicast;
  const auto& destination = *std::get<DestinationProfile*>(scope);
  const bool sound = !destination.name.empty();  // nameless while the statement that opened the block was in error
  if (sound && address.is_v4() != destination.address.is_v4())
    return "the address is of another family than that of the destination";
  std::get<HostProfile*>(scope)->local_ip = address;
  return std::nullopt;
}

void print_local_ip(Printer& printer, const Statement& statement, const View& view) {
  const auto& address = std::get<const HostProfile*>(view)->local_ip;
  if (address && address.is_v4()) printer.line(std::string(head(statement.syntax)) + ' ' + to_text(address));
}

void print_local_ipv6(Printer& printer, const Statement& statement, const View& view) {
  const auto& address = std::get<const HostProfile*>(view)->local_ip;
  if (address && !address.is_v4()) printer.line(std::string(head(statement.syntax)) + ' ' + to_text(address));
}

}  // namespace holdfast::config
