// What an operator reads: whole texts.
#include "samples.hpp"

#include <gtest/gtest.h>

namespace holdfast::cli {
namespace {

TEST(ShowL2tp, SaysTheSettingsInSentencesAndTheTotalsInATable) {
  L2tpSummary summary{.failover_resync = "silent-failover",
                      .recovery_time_s = 900,
                      .retries_established = 5,
                      .retries_not_established = 4,
                      .retransmission_cap_s = 8,
                      .hello_interval_s = 60,
                      .receive_window = 16,
                      .data_checksums = true,
                      .destinations = {1, 1, 0},
                      .tunnels = {12, 10, 3},
                      .sessions = {65536, 65535, 0},
                      .counters = {{"messages_received", 1000}, {"duplicates", 0}, {"zlb_sent", 7}}};
  EXPECT_EQ(printed("show l2tp", summary),
            "Peer resynchronization method is silent-failover\n"
            "Recovery time asked of peers is 900 seconds\n"
            "Retransmission retries for established tunnels is 5\n"
            "Retransmission retries for not-established tunnels is 4\n"
            "Longest pause between retransmissions is 8 seconds\n"
            "Hello interval is 60 seconds\n"
            "Receive window is 16 control messages\n"
            "Data packet checksums are enabled\n"
            "\n"
            "              total  active  failed\n"
            "Destinations      1       1       0\n"
            "Tunnels          12      10       3\n"
            "Sessions      65536   65535       0\n"
            "\n"
            "Since the daemon started  count\n"
            "messages_received          1000\n"
            "zlb_sent                      7\n");
  summary = {.failover_resync = "disable", .retransmission_cap_s = 1};
  EXPECT_EQ(printed("show l2tp", summary),
            "Peer resynchronization method is disable\n"
            "Recovery time asked of peers is 0 seconds\n"
            "Retransmission retries for established tunnels is 0\n"
            "Retransmission retries for not-established tunnels is 0\n"
            "Longest pause between retransmissions is 1 second\n"
            "Hello interval is none: no HELLO is sent\n"
            "Receive window is 0 control messages\n"
            "Data packet checksums are disabled\n"
            "\n"
            "              total  active  failed\n"
            "Destinations      0       0       0\n"
            "Tunnels           0       0       0\n"
            "Sessions          0       0       0\n");
}

TEST(ShowL2tpTunnel, ListsOneALine) {
  Tunnel second = sample_tunnel();
  second.local_tunnel_id = 65535;
  second.peer_address = "2001:db8::1";
  second.peer_host = "";
  second.state = "wait-ctl-conn";
  second.sessions = 0;
  second.uptime_s = std::nullopt;
  second.resync_method = "silent-failover";
  second.opened_by_us = true;
  second.resync_note = "line module e3-atm does not support silent failover";
  EXPECT_EQ(printed("show l2tp tunnel", Tunnels{{sample_tunnel(), second}}),
            "Tunnel  Peer's  Peer address        Peer host  Opened by  State          Sessions  Ns     Nr  Unacked     "
            "   Up  "
            "Resync method\n"
            "     7   40001  192.0.2.1:1701      lac1       the peer   established           3  12  65535        1  "
            "01:02:03  "
            "failover-protocol-fallback-to-silent-failover\n"
            " 65535   40001  [2001:db8::1]:1701  -          us         wait-ctl-conn         0  12  65535        1     "
            "    -  "
            "silent-failover\n"
            "Tunnel 65535: line module e3-atm does not support silent failover\n");
}

TEST(ShowL2tpTunnel, TellsAllInDetail) {
  Tunnel second = sample_tunnel();
  second.sessions = 1;
  second.resync_note = "acts as failover-protocol";
  second.peer_failover_capability = false;
  second.peer_recovery_time_ms = std::nullopt;
  EXPECT_EQ(printed("show l2tp tunnel detail", Tunnels{{sample_tunnel(), second}}),
            "Tunnel 7 is established, up 01:02:03, with 3 sessions\n"
            "  Peer host                 lac1\n"
            "  Peer                      192.0.2.1:1701, tunnel 40001\n"
            "  Local address             198.51.100.1:1701\n"
            "  Opened by                 the peer\n"
            "  Ns, Nr                    12, 65535\n"
            "  Control messages          1 unacknowledged, 2 queued; the peer's window is 4\n"
            "  Line module               ethernet\n"
            "  Resync method configured  failover-protocol-fallback-to-silent-failover\n"
            "  Resync method in use      failover-protocol-fallback-to-silent-failover\n"
            "  Peer's failover           control connection\n"
            "  Peer's recovery time      900000 ms\n"
            "\n"
            "Tunnel 7 is established, up 01:02:03, with 1 session\n"
            "  Peer host                 lac1\n"
            "  Peer                      192.0.2.1:1701, tunnel 40001\n"
            "  Local address             198.51.100.1:1701\n"
            "  Opened by                 the peer\n"
            "  Ns, Nr                    12, 65535\n"
            "  Control messages          1 unacknowledged, 2 queued; the peer's window is 4\n"
            "  Line module               ethernet\n"
            "  Resync method configured  failover-protocol-fallback-to-silent-failover\n"
            "  Resync method in use      failover-protocol-fallback-to-silent-failover (acts as failover-protocol)\n"
            "  Peer's failover           not announced\n");
}

TEST(ShowL2tpSession, ListsOneALine) {
  Session second = sample_session();
  second.user = "";
  second.local_session_id = 65535;
  second.state = "wait-reply";
  second.role = "lac";
  second.uptime_s = std::nullopt;
  EXPECT_EQ(printed("show l2tp session", Sessions{{sample_session(), second}}),
            "Tunnel  Session  Peer's  Role  Call      User               State                 Up  Packets in  "
            "Packets out\n"
            "     7        1     512  LNS   incoming  alice@example.net  established  1d 02:03:04          10  "
            "      12000\n"
            "     7    65535     512  LAC   incoming  -                  wait-reply             -          10  "
            "      12000\n");
}

TEST(ShowL2tpSession, TellsAllOfOne) {
  EXPECT_EQ(printed("show l2tp session 7 1", Sessions{{sample_session()}}),
            "Session 1 in tunnel 7 is established, up 1d 02:03:04\n"
            "  Call                    incoming, placed by the peer; we are the LNS\n"
            "  User                    alice@example.net\n"
            "  Peer                    lac1, session 512\n"
            "  Calling, called number  5551234, -\n"
            "  Call serial number      99\n"
            "  Connect speed           tx 100000000 bit/s, rx 50000000 bit/s\n"
            "  In                      10 packets, 840 octets\n"
            "  Out                     12000 packets, 1008000 octets\n"
            "  Sequence numbers        3 lost, 1 late, 2 reordered\n");
}

TEST(ShowL2tpDestinationProfile, TellsConfiguredFromInForce) {
  const HostProfile host{.remote_host = "lac-host",
                         .local_host = "lns1",
                         .local_address = "198.51.100.1",
                         .tunnel_authentication = true,
                         .failover_resync = "silent-failover",
                         .failover_resync_in_force = "silent-failover",
                         .max_sessions = 100,
                         .ppp_authentication = {"chap", "pap"}};
  const HostProfile otherwise{.remote_host = "default",
                              .local_host = "holdfast",
                              .local_address = {},
                              .failover_resync = "not-configured",
                              .failover_resync_in_force = "disable",
                              .max_sessions = {},
                              .ppp_authentication = {}};
  EXPECT_EQ(printed("show l2tp destination profile",
                    DestinationProfiles{
                        {{"lac-dest", "192.168.20.2", {host}}, {"any", "0.0.0.0", {otherwise}}, {"none", "::", {}}}}),
            "Destination profile lac-dest is for peers at 192.168.20.2\n"
            "  Remote host              lac-host\n"
            "    Local host             lns1\n"
            "    Local address          198.51.100.1\n"
            "    Tunnel authentication  by password\n"
            "    Failover resync        silent-failover\n"
            "    Sessions at most       100\n"
            "    PPP authentication     chap pap\n"
            "\n"
            "Destination profile any is for peers at any address (0.0.0.0)\n"
            "  Remote host              default\n"
            "    Local host             holdfast\n"
            "    Local address          any\n"
            "    Tunnel authentication  none\n"
            "    Failover resync        not-configured: disable, as set globally\n"
            "    Sessions at most       no limit\n"
            "    PPP authentication     none\n"
            "\n"
            "Destination profile none is for peers at any address (::)\n"
            "  No remote hosts.\n");
}

TEST(ShowSubscribers, ListsOneALine) {
  Subscriber second = sample_subscriber();
  second.user = "bob";
  second.ipv4 = std::nullopt;
  second.ipv6_prefix = std::nullopt;
  EXPECT_EQ(printed("show subscribers", Subscribers{{sample_subscriber(), second}}),
            "User               IPv4       IPv6 prefix        Tunnel  Session  Up since              Packets in  "
            "Octets in  Packets out  Octets out\n"
            "alice@example.net  10.64.1.0  2001:db8:100::/64       7        1  2006-01-02T15:04:05Z          10  "
            "      840        12000     1008000\n"
            "bob                -          -                       7        1  2006-01-02T15:04:05Z          10  "
            "      840        12000     1008000\n");
}

TEST(ShowDataplane, ListsPortsWorkersAndDrops) {
  constexpr std::string_view kUpToDrops =
      "The dataplane is connected: process 1234, incarnation 2, up 00:00:59.\n"
      "Subscribers are behind the kernel's interface subs0.\n"
      "The control process was away 2 times, the last time for 12.3 s, which raised 1 alarm in all.\n"
      "The control process waited 1 time for room in the dataplane, and could not hand over 2 packets.\n"
      "\n"
      "Port  Driver         Interface  MAC                 MTU  Link\n"
      "ge0   net_af_packet  ge0        02:00:00:00:00:01  1500  up, 10000 Mbit/s\n"
      "ge1   net_ice        ge1        02:00:00:00:00:02  9000  down\n"
      "\n"
      "Port  Rx packets  Rx octets  Rx missed  Rx errors  Tx packets  Tx octets  Tx errors  To control  To kernel\n"
      "ge0         1000      64000          1          2        2000     128000          3           4          5\n"
      "ge1            0          0          0          0           0          0          0           0          0\n"
      "\n"
      "Worker  Role        Rx packets  Tx packets  Dropped\n"
      "     0  forwarding        1000        2000        6\n"
      "     1  tables               0           0        0\n"
      "\n";
  EXPECT_EQ(printed("show dataplane", sample_dataplane()), std::string(kUpToDrops) +
                                                               "Dropped because of  Packets\n"
                                                               "l2tp_no_session           6\n");
  EXPECT_EQ(printed("show dataplane detail", sample_dataplane()), std::string(kUpToDrops) +
                                                                      "Dropped because of  Packets\n"
                                                                      "l2tp_no_session           6\n"
                                                                      "no_mbuf                   0\n");
}

TEST(ShowCheckpoint, TellsWhatTheLastRestartDid) {
  EXPECT_EQ(printed("show checkpoint", sample_checkpoint()),
            "This process went on from the copy of the checkpoint on disk: 1 tunnel, 3 sessions.\n"
            "  State restored after          1.250 ms\n"
            "  Dataplane in step after       3.500 ms\n"
            "  First message answered after  not yet\n"
            "  Region                        /dev/shm/holdfast.default.checkpoint\n"
            "  Size                          67108864 octets\n"
            "  Opened                        3 times\n"
            "  Commits                       4711\n"
            "  Damaged records               0\n"
            "  Copy on disk                  /var/lib/holdfast/default.checkpoint\n"
            "  Copy's age                    120.500 ms\n"
            "  Copy's size                   4096 octets\n"
            "  Copy begun anew               2 times\n"
            "  Disk too slow                 1 time\n"
            "  Disk errors                   3 times\n"
            "  Last disk error               no space\n"
            "\n"
            "Table    Used  Capacity  Octets each\n"
            "tunnel      1      4096          512\n"
            "session     3     65536          200\n");
  const auto first_line = [](const Checkpoint& c) {
    const auto all = printed("show checkpoint", c);
    return all.substr(0, all.find('\n'));
  };
  EXPECT_EQ(first_line({.restored = true}), "This process went on from the checkpoint: 0 tunnels, 0 sessions.");
  EXPECT_EQ(first_line({}), "This process began with an empty checkpoint.");
  EXPECT_EQ(first_line({.refusal = "other layout"}),
            "This process began with an empty checkpoint; the one that was there was refused: other layout.");
}

TEST(ShowVersion, NamesTheProcess) {
  EXPECT_EQ(printed("show version", Version{"0.1.0", "default", "/etc/holdfast/holdfast.conf", 4321, 86400}),
            "Holdfast 0.1.0\n"
            "  Process        4321, up 1d 00:00:00\n"
            "  Instance       default\n"
            "  Configuration  /etc/holdfast/holdfast.conf\n");
}

TEST(ShowRunningConfig, IsTheTextItself) {
  EXPECT_EQ(printed("show running-config", RunningConfig{"hostname a\n"}), "hostname a\n");
  EXPECT_EQ(printed("show running-config", RunningConfig{}), "! all statements are at their defaults\n");
}

TEST(ShowL2tpFailover, TellsOfEachTunnelAndOfAll) {
  Failover one{.local_tunnel_id = 7,
               .peer_address = "192.0.2.1",
               .peer_host = "lac1",
               .ours = true,
               .method = "failover-protocol",
               .outcome = "recovered",
               .began_ago_s = 61,
               .took_ms = 42,
               .messages = 9,
               .sessions_kept = 3,
               .cleared_not_established = 1,
               .cleared_unknown_to_peer = 2};
  Failover other{.local_tunnel_id = 8, .peer_address = "192.0.2.2", .method = "disable", .outcome = "abandoned"};
  EXPECT_EQ(printed("show l2tp failover", Failovers{{one, other}}),
            "Tunnel  Peer       Failover    Method             Outcome         Ago  Took ms  Messages  "
            "Kept  Cleared                                    Unanswered\n"
            "     7  lac1       ours        failover-protocol  recovered  00:01:01       42         9  "
            "   3  3, 1 during set-up, 2 unknown to the peer           0\n"
            "     8  192.0.2.2  the peer's  disable            abandoned  00:00:00        0         0  "
            "   0  0                                                   0\n"
            "\n"
            "Failover    Outcome    Tunnels  Sessions kept  Messages  Longest ms\n"
            "ours        recovered        1              3         9          42\n"
            "the peer's  abandoned        1              0         0           0\n");
  EXPECT_EQ(printed("show l2tp failover", Failovers{}), "No failovers since the daemon started.\n");
  EXPECT_EQ(printed("show l2tp failover 7", Failovers{}), "No failover of tunnel 7.\n");
}

TEST(TestL2tpFailover, SaysHowManyTunnelsItWasTriedWith) {
  EXPECT_EQ(printed("test l2tp failover", Drill{2}), "2 tunnels put through a failover: see show l2tp failover.\n");
  EXPECT_EQ(printed("test l2tp failover 7", Drill{}), "No tunnel that a failover could be tried with.\n");
}

TEST(Clear, SaysHowMuch) {
  EXPECT_EQ(printed("clear l2tp tunnel 7", Cleared{1, 3}), "1 tunnel with 3 sessions cleared.\n");
  EXPECT_EQ(printed("clear l2tp session 7 1", Cleared{0, 1}), "1 session cleared.\n");
  EXPECT_EQ(printed("clear l2tp tunnel 7", Cleared{}), "No such tunnel that could be cleared.\n");
  EXPECT_EQ(printed("clear l2tp session 7 1", Cleared{}), "No such session that could be cleared.\n");
}

TEST(TestL2tpCall, SaysWhatBecameOfTheCall) {
  const PlacedCall up{.domain = "example.net",
                      .up = true,
                      .peer_address = "192.0.2.9",
                      .peer_host = "lns1",
                      .local_tunnel_id = 7,
                      .peer_tunnel_id = 9,
                      .local_session_id = 1,
                      .peer_session_id = 3,
                      .tried = 2,
                      .elapsed_ms = 35};
  EXPECT_EQ(printed("test l2tp call example.net", up),
            "The call is up.\n"
            "  Peer         lns1 at 192.0.2.9\n"
            "  Tunnel       7, the peer's 9\n"
            "  Session      1, the peer's 3\n"
            "  Tried        2 tunnels, this one last\n"
            "  Known after  35 ms\n");
  EXPECT_EQ(printed("test l2tp call example.net", PlacedCall{.domain = "example.net",
                                                             .reason = "the peer ended the tunnel: not authorized",
                                                             .peer_address = "192.0.2.9",
                                                             .local_tunnel_id = 7,
                                                             .local_session_id = 1,
                                                             .by_peer = true,
                                                             .result_code = 4,
                                                             .message = "go away\x1b[2J",
                                                             .elapsed_ms = 1000}),
            "The call failed: the peer ended the tunnel: not authorized.\n"
            "  Peer                - at 192.0.2.9\n"
            "  Tunnel              7\n"
            "  Session             1\n"
            "  Result, error code  4, 0\n"
            "  Message             go away?[2J\n"
            "  Known after         1000 ms\n");
  EXPECT_EQ(printed("test l2tp call x", PlacedCall{.domain = "x", .reason = "there is no domain map of this name"}),
            "The call failed: there is no domain map of this name.\n");
}

TEST(Show, SaysWhenThereIsNothing) {
  EXPECT_EQ(printed("show l2tp tunnel", Tunnels{}), "No tunnels.\n");
  EXPECT_EQ(printed("show l2tp tunnel 7 detail", Tunnels{}), "No tunnel 7.\n");
  EXPECT_EQ(printed("show l2tp session", Sessions{}), "No sessions.\n");
  EXPECT_EQ(printed("show l2tp session 7", Sessions{}), "No sessions in tunnel 7.\n");
  EXPECT_EQ(printed("show l2tp session 7 1", Sessions{}), "No session 1 in tunnel 7.\n");
  EXPECT_EQ(printed("show l2tp destination profile", DestinationProfiles{}), "No destination profiles.\n");
  EXPECT_EQ(printed("show l2tp destination profile x", DestinationProfiles{}), "No destination profile x.\n");
  EXPECT_EQ(printed("show l2tp destination lockout", Lockouts{}), "No destination is locked out.\n");
  EXPECT_EQ(printed("show l2tp destination lockout", Lockouts{{{"192.0.2.1", 61, 239}}}),
            "Destination  Locked out for  Still for\n"
            "192.0.2.1          00:01:01   00:03:59\n");
  EXPECT_EQ(printed("show subscribers", Subscribers{}), "No subscribers.\n");
  EXPECT_EQ(printed("show subscribers user bob", Subscribers{}), "No subscriber bob.\n");
  EXPECT_EQ(printed("show dataplane", Dataplane{.reason = "it is not running"}),
            "The dataplane is not connected: it is not running.\n");
  EXPECT_EQ(printed("show dataplane", Dataplane{.connected = true, .pid = 1}),
            "The dataplane is connected: process 1, incarnation 0, up 00:00:00.\n"
            "Subscribers are behind the kernel's interface -.\n\nNo ports.\n\nNo workers.\n\nNo drops.\n");
}

TEST(Show, LetsNoNameOfAPeerControlTheTerminal) {
  Tunnel tunnel = sample_tunnel();
  tunnel.peer_host = "lac\x1b[2J\n\xc3\xa9";
  Session session = sample_session();
  session.user = tunnel.peer_host;
  session.calling_number = tunnel.peer_host;
  Subscriber subscriber = sample_subscriber();
  subscriber.user = tunnel.peer_host;
  const std::string all =
      printed("show l2tp tunnel", Tunnels{{tunnel}}) + printed("show l2tp tunnel detail", Tunnels{{tunnel}}) +
      printed("show l2tp session", Sessions{{session}}) + printed("show l2tp session 7 1", Sessions{{session}}) +
      printed("show subscribers", Subscribers{{subscriber}});
  EXPECT_NE(all.find("lac?[2J???"), std::string::npos) << all;
  for (const char c : all) EXPECT_TRUE(c == '\n' || (c >= 0x20 && c < 0x7f)) << static_cast<int>(c);
}

}  // namespace
}  // namespace holdfast::cli
