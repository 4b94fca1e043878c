// The statement table of holdfast.conf.
#include "config/field.hpp"
#include "config/object.hpp"
#include "config/pppoe.hpp"
#include "config/statement.hpp"

#include <array>

namespace holdfast::config {
namespace {

using R = Retransmission;

constexpr auto kStatements = std::to_array<Statement>({
    field<&Config::hostname>("hostname <name>",
                             "Name of this router, and its Host Name AVP where a profile sets no other"),
    field<&Config::log_level>("log level (debug|info|warning|error)", "Least severity that is logged"),
    flag<&Config::checkpoint_copy>("checkpoint copy",
                                   "Keep a copy of the checkpoint on disk, from which tunnels go on after a boot"),

    {.block = Block::global,
     .syntax = "interface (loopback 0|<interface-name>)",
     .help = "Kernel interface of a dataplane port; loopback 0 is the router itself towards its subscribers",
     .set = add_interface,
     .undo = "interface (loopback 0|<interface-name>)",
     .no = remove_interface,
     .restore = remove_interface,
     .print = print_interfaces,
     .name = interface_name,
     .opens = Block::interface},
    unicast<&Interface::ip>("ip address (<ip-address/length>|<ip-address> <ip-mask>)", "IPv4 address and its network"),
    unicast<&Interface::ipv6>("ipv6 address <ipv6-address/length>", "IPv6 address and its network"),
    field<&Interface::mtu>("mtu <576-9000>", "Largest IP packet, octets"),

    {.block = Block::interface,
     .syntax = "pppoe",
     .help = "Subscribers call here without VLAN tag",
     .set = serve_untagged,
     .undo = "pppoe",
     .no = stop_untagged,
     .restore = stop_untagged,
     .print = print_untagged},
    {.block = Block::interface,
     .syntax = "pppoe vlan <vlan-range>",
     .help = "Subscribers call in these VLANs",
     .set = serve_vlans,
     .undo = "pppoe vlan <vlan-range>",
     .no = stop_vlans,
     .restore = stop_vlans,
     .print = print_vlans,
     .name = vlan_ranges},
    {.block = Block::interface,
     .syntax = "pppoe qinq <outer:vlan-range> <inner:vlan-range>",
     .help = "Subscribers call with two VLAN tags, the outer one of 802.1ad or 802.1Q",
     .set = serve_qinq,
     .undo = "pppoe qinq <outer:vlan-range> <inner:vlan-range>",
     .no = stop_qinq,
     .restore = stop_qinq,
     .print = print_qinq,
     .name = vlan_ranges},
    {.block = Block::interface,
     .syntax = "pppoe max-sessions <1-1000000>",
     .help = "Sessions of subscribers who call here, at a time; without: no limit",
     .set = set_max_circuits,
     .undo = "pppoe max-sessions",
     .no = reset_max_circuits,
     .restore = reset_max_circuits,
     .print = print_max_circuits},

    {.block = Block::global,
     .syntax = "ip local pool <name> <first:ip-address> <last:ip-address>",
     .help = "Addresses for subscribers, both ends included",
     .set = add_ipv4_pool,
     .undo = "ip local pool <name>",
     .no = remove_ipv4_pool,
     .restore = remove_ipv4_pool,
     .print = print_ipv4_pools,
     .name = first_argument},
    {.block = Block::global,
     .syntax = "ipv6 local pool <name> <ipv6-address/length> 64",
     .help = "Prefix of which each subscriber gets a /64",
     .set = add_ipv6_pool,
     .undo = "ipv6 local pool <name>",
     .no = remove_ipv6_pool,
     .restore = remove_ipv6_pool,
     .print = print_ipv6_pools,
     .name = first_argument},

    unicast<&Config::aaa, &Aaa::dns, &NameServers::primary>("aaa dns primary <ip-address>",
                                                            "Name server that subscribers are told over IPv4"),
    unicast<&Config::aaa, &Aaa::dns, &NameServers::secondary>("aaa dns secondary <ip-address>",
                                                              "Second name server that subscribers are told over IPv4"),
    unicast<&Config::aaa, &Aaa::ipv6_dns, &NameServers::primary>("aaa ipv6 dns primary <ipv6-address>",
                                                                 "Name server that subscribers are told over IPv6"),
    unicast<&Config::aaa, &Aaa::ipv6_dns, &NameServers::secondary>(
        "aaa ipv6 dns secondary <ipv6-address>", "Second name server that subscribers are told over IPv6"),
    {.block = Block::global,
     .syntax = "aaa local user <name>",
     .help = "Subscriber who is authenticated by this router",
     .set = add_local_user,
     .undo = "aaa local user <name>",
     .no = remove_local_user,
     .restore = remove_local_user,
     .print = print_local_users,
     .name = first_argument,
     .opens = Block::local_user},
    secret<&LocalUser::password>("password <secret>", "Password for PAP and CHAP; must be there"),
    unicast<&LocalUser::ip>("ip address <ip-address>", "Address that this user always gets, instead of one of a pool"),

    {.block = Block::global,
     .syntax = "aaa domain-map <name>",
     .help = "Where calls of this domain's subscribers are tunnelled to",
     .set = add_domain,
     .undo = "aaa domain-map <name>",
     .no = remove_domain,
     .restore = remove_domain,
     .print = print_domains,
     .name = first_argument,
     .opens = Block::domain},
    {.block = Block::domain,
     .syntax = "tunnel <1-31>",
     .help = "One of the tunnels to choose from",
     .set = add_domain_tunnel,
     .undo = "tunnel <1-31>",
     .no = remove_domain_tunnel,
     .restore = remove_domain_tunnel,
     .print = print_domain_tunnels,
     .name = number_argument,
     .opens = Block::domain_tunnel},
    unicast<&DomainTunnel::address>("address (<ip-address>|<ipv6-address>)", "The LNS; must be there"),
    unicast<&DomainTunnel::source_address>(
        "source-address (<ip-address>|<ipv6-address>)",
        "Our end of the tunnel; without: the address of the interface on the LNS's network, else of the first"),
    field<&DomainTunnel::client_name>("client-name <name>", "Our Host Name AVP; without: the hostname"),
    field<&DomainTunnel::server_name>("server-name <name>",
                                      "What the LNS must call itself in its Host Name AVP; without: anything"),
    field<&DomainTunnel::identification>("identification <name>",
                                         "Only calls with the same share a tunnel, where several go to one LNS"),
    secret<&DomainTunnel::password>("password <secret>", "Secret of tunnel authentication; without: none"),
    flag<&DomainTunnel::hidden_avps>("hidden-avps",
                                     "Hide what may be hidden, from the peer's authentication on; needs a password"),
    field<&DomainTunnel::preference>("preference <0-7>", "Tunnels of the lowest are tried first"),
    field<&DomainTunnel::max_sessions>("max-sessions <1-65535>", "Sessions at a time in such a tunnel"),
    flag<&DomainTunnel::drain>("drain", "Place no new calls in such a tunnel; those that are up stay"),
    field<&DomainTunnel::resync>(
        "failover-resync "
        "(failover-protocol|failover-protocol-fallback-to-silent-failover|silent-failover|disable|"
        "not-configured)",
        "How such a tunnel recovers from a failure of this router; not-configured: as set globally"),

    field<&Config::ppp, &Ppp::authentication>("ppp authentication (ms-chap-v2 [chap] [pap]|chap [pap]|pap [chap]|none)",
                                              "What subscribers are asked for, the preferred protocol first"),
    field<&Config::ppp, &Ppp::mru>("ppp mru <576-9000>", "Maximum-Receive-Unit that subscribers are offered, octets"),
    field<&Config::ppp, &Ppp::restart_timer>("ppp restart-timer <1-60>", "Pause before a request is repeated, seconds"),
    field<&Config::ppp, &Ppp::keepalive>("ppp keepalive <0-3600>", "Pause between LCP Echo-Requests, seconds; 0: none"),
    field<&Config::ppp, &Ppp::adjust_mss>(
        "ppp adjust-mss <536-8960>",
        "The largest TCP segment that may be announced over IPv4, octets; over IPv6 20 "
        "less; without: any"),

    field<&Config::pppoe, &Pppoe::ac_name>("pppoe ac-name <name>",
                                           "What subscribers are told as our AC-Name; without: the hostname"),
    {.block = Block::global,
     .syntax = "pppoe service-name <name>",
     .help = "A service that is offered to subscribers; may stand several times. Without: whatever they ask for",
     .set = add_service,
     .undo = "pppoe service-name <name>",
     .no = remove_service,
     .restore = remove_service,
     .print = print_services,
     .name = first_argument},
    field<&Config::pppoe, &Pppoe::max_sessions_per_mac>("pppoe max-sessions-per-mac <1-65535>",
                                                        "Sessions at a time of one subscriber's MAC address"),
    field<&Config::pppoe, &Pppoe::pado_delay>("pppoe pado-delay <0-2000>",
                                              "Pause before a subscriber is offered anything, so that another access "
                                              "concentrator is preferred, milliseconds"),
    field<&Config::pppoe, &Pppoe::mru>("pppoe mru <576-9000>",
                                       "Maximum-Receive-Unit that subscribers over PPPoE are offered, octets"),
    field<&Config::pppoe, &Pppoe::max_payload>(
        "pppoe max-payload <1492-9000>",
        "PPP-Max-Payload that is agreed to at most, octets: what the interfaces carry, less 8"),

    {.block = Block::global,
     .syntax = "l2tp failover-resync "
               "(failover-protocol|failover-protocol-fallback-to-silent-failover|silent-failover|disable)",
     .help = "How tunnels recover from a failure of this router, where a profile sets no other method",
     .set = set_field<Path<&Config::l2tp, &L2tp::resync>>,
     .undo = "l2tp failover-resync",
     .no = assign_field<Path<&Config::l2tp, &L2tp::resync>, ResyncMethod::disable>,
     .restore = reset_field<Path<&Config::l2tp, &L2tp::resync>>,
     .print = print_field<Path<&Config::l2tp, &L2tp::resync>>},
    field<&Config::l2tp, &L2tp::recovery_time>("l2tp recovery-time <0-86400>",
                                               "Time that peers are asked to wait for the failover protocol, seconds"),
    field<&Config::l2tp, &L2tp::retransmission, &R::established>("l2tp retransmission retries established <2-30>",
                                                                 "Tries before a tunnel that is up is given up"),
    field<&Config::l2tp, &L2tp::retransmission, &R::not_established>(
        "l2tp retransmission retries not-established <2-30>", "Tries before a tunnel that is being set up is given up"),
    field<&Config::l2tp, &L2tp::retransmission, &R::cap>("l2tp retransmission cap <8-60>",
                                                         "Longest pause between two tries, seconds"),
    field<&Config::l2tp, &L2tp::hello_interval>(
        "l2tp hello-interval <0-3600>", "Silence after which a peer is asked whether it lives, seconds; 0: never"),
    field<&Config::l2tp, &L2tp::idle_timeout>("l2tp tunnel idle-timeout <0-86400>",
                                              "How long a tunnel that we opened stays up without a session, seconds; "
                                              "0: for ever"),
    field<&Config::l2tp, &L2tp::receive_window>("l2tp receive-window <4-128>",
                                                "Control messages that a peer may send ahead of acknowledgement"),
    field<&Config::l2tp, &L2tp::request_rate, &RequestRate::source>(
        "l2tp request-rate source <1-65535>", "Tunnels that one IPv4 address or IPv6 /64 may ask for in a second"),
    field<&Config::l2tp, &L2tp::request_rate, &RequestRate::total>(
        "l2tp request-rate total <1-65535>", "Tunnels that all peers together may ask for in a second"),
    field<&Config::l2tp, &L2tp::peer_address_change>("l2tp peer-address-change (accept|ignore|reject)",
                                                     "Control messages from another address or port of the peer: "
                                                     "accept the one that answers a request for a tunnel, "
                                                     "ignore the change and answer to the old one, or reject them"),
    field<&Config::l2tp, &L2tp::tunnel_switching_id>(
        "l2tp tunnel-switching id <name>",
        "Name by which this router knows a call that it has switched before; without: its hostname"),
    flag<&Config::l2tp, &L2tp::checksum>("l2tp checksum", "UDP checksum of data messages"),

    {.block = Block::global,
     .syntax = "l2tp destination profile <name> (ip address <ip-address>|ipv6 address <ipv6-address>)",
     .help = "Peers at this address; 0.0.0.0 or :: for any",
     .set = add_destination,
     .undo = "l2tp destination profile <name>",
     .no = remove_destination,
     .restore = remove_destination,
     .print = print_destinations,
     .name = first_argument,
     .opens = Block::destination},
    {.block = Block::destination,
     .syntax = "remote host (default|<name>)",
     .help = "Peers that call themselves so; default: all without a profile of their own",
     .set = add_host,
     .undo = "remote host (default|<name>)",
     .no = remove_host,
     .restore = remove_host,
     .print = print_hosts,
     .name = remote_host_name,
     .opens = Block::host},
    field<&HostProfile::local_host>("local host <name>", "Our Host Name AVP towards these peers"),
    {.block = Block::host,
     .syntax = "local ip address <ip-address>",
     .help = "Accept tunnels at this address of ours only",
     .set = set_local_ip,
     .undo = "local ip address",
     .no = reset_field<Path<&HostProfile::local_ip>>,
     .restore = reset_field<Path<&HostProfile::local_ip>>,
     .print = print_local_ip},
    {.block = Block::host,
     .syntax = "local ipv6 address <ipv6-address>",
     .help = "Accept tunnels at this address of ours only",
     .set = set_local_ip,
     .undo = "local ipv6 address",
     .no = reset_field<Path<&HostProfile::local_ip>>,
     .restore = reset_field<Path<&HostProfile::local_ip>>,
     .print = print_local_ipv6},
    secret<&HostProfile::tunnel_password>("tunnel password <secret>", "Secret of tunnel authentication; without: none"),
    flag<&HostProfile::hidden_avps>(
        "tunnel hidden-avps", "Hide what may be hidden, from the peer's authentication on; needs a tunnel password"),
    flag<&HostProfile::dial_out>("dial-out", "Place the outgoing calls that these peers ask for"),
    flag<&HostProfile::tunnel_switching>("tunnel-switching",
                                         "Send calls of these peers on through the tunnels of their users' domains"),
    flag<&HostProfile::disable_proxy_lcp>("disable proxy lcp",
                                          "Negotiate LCP with their subscribers anew, and authenticate them anew"),
    flag<&HostProfile::disable_proxy_authenticate>(
        "disable proxy authenticate", "Authenticate their subscribers anew, but take the LCP that these peers did"),
    flag<&HostProfile::data, &DataMessages::sequence_numbers>(
        "data sequence-numbers", "Number data messages to these peers, also where they do not ask for it"),
    flag<&HostProfile::data, &DataMessages::ignore_sequence_numbers>(
        "data ignore-sequence-numbers", "Take their data messages in whatever order they come"),
    flag<&HostProfile::data, &DataMessages::length>("data length", "Send data messages with their length"),
    flag<&HostProfile::data, &DataMessages::omit_address_control>(
        "data omit-address-control", "Send PPP frames to these peers without address and control field (ff 03)"),
    field<&HostProfile::data, &DataMessages::reorder_packets>(
        "data reorder packets <0-255>",
        "Data messages of a session that may wait for a missing one; 0: late ones are "
        "dropped"),
    field<&HostProfile::data, &DataMessages::reorder_milliseconds>("data reorder milliseconds <1-255>",
                                                                   "How long they wait"),
    field<&HostProfile::resync>(
        "failover-resync "
        "(failover-protocol|failover-protocol-fallback-to-silent-failover|silent-failover|disable|"
        "not-configured)",
        "How tunnels recover from a failure of this router; not-configured: as set globally"),
    field<&HostProfile::max_sessions>("max-sessions <1-65535>", "Sessions at a time with one of these peers"),
    field<&HostProfile::ppp_authentication>("ppp authentication (ms-chap-v2 [chap] [pap]|chap [pap]|pap [chap]|none)",
                                            "What subscribers are asked for, instead of the global setting"),
});

}  // namespace

std::span<const Statement> statements() { return kStatements; }

}  // namespace holdfast::config
