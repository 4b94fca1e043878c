"""The scene of the access concentrator: a stock Linux CPE dials by PPPoE into a Holdfast LAC, which tunnels it to a
Holdfast LNS with a host behind it.

    guest "cpe"      namespace hf-lac           namespace hf-lns              namespace hf-host
    pppd, PPPoE      dataplane, holdfastd       dataplane, holdfastd
    eth0 ------ cpe0 = ge0   ge1 192.0.2.2 ---- ge0 192.0.2.1   ge1 198.51.100.1 ---- eth0 198.51.100.2
    ppp0, ppp1 ...                              subscribers 10.64.0.0/24, 2001:db8:64::/48    2001:db8:1::2
"""

from access_scene import LAC, AccessScene
from holdfast_router import Router

LNS = "192.0.2.1"
HOST, HOST6 = "198.51.100.2", "2001:db8:1::2"
DOMAIN = "isp.example"
SECRET = "between-lac-and-lns"
OWN_USER = "own"  # whom the LAC serves itself
PASSWORDS = {**{f"user{number}@{DOMAIN}": f"password-{number}" for number in range(1, 7)}, OWN_USER: "of-the-lac"}

LAC_CONFIGURATION = f"""\
hostname lac
interface ge0
  pppoe
  pppoe vlan 100-199
  pppoe qinq 200-209 1-4094
interface ge1
  ip address {LAC}/24
interface loopback 0
  ip address 10.65.0.1/32
ip local pool local 10.65.0.2 10.65.0.254
pppoe max-sessions-per-mac 16
pppoe mru 1460
aaa local user {OWN_USER}
  password {PASSWORDS[OWN_USER]}
aaa domain-map {DOMAIN}
  tunnel 1
    address {LNS}
    source-address {LAC}
    client-name lac
    server-name lns
    password {SECRET}
l2tp failover-resync silent-failover
"""

LNS_CONFIGURATION = f"""\
hostname lns
interface ge0
  ip address {LNS}/24
interface ge1
  ip address 198.51.100.1/24
  ipv6 address 2001:db8:1::1/64
interface loopback 0
  ip address 10.64.0.1/32
ip local pool subscribers 10.64.0.2 10.64.0.254
ipv6 local pool subscribers6 2001:db8:64::/48 64
{{users}}l2tp failover-resync silent-failover
l2tp destination profile lac ip address {LAC}
  remote host lac
    local host lns
    tunnel password {SECRET}
"""


def user(number):
    return f"user{number}@{DOMAIN}"


class LacScene(AccessScene):
    NAMESPACES = ("hf-lac", "hf-lns", "hf-host")

    def __init__(self, lab):
        at_lac, self.at_lns, self.host = lab.namespaces
        super().__init__(lab, at_lac)
        self.lns = None

    def build(self, lac_more="", lns_more=""):
        """Starts everything, and returns when the CPE could dial. lac_more, lns_more: further statements of theirs."""
        self.boot_cpe()
        self.at_lac.add_veth("to-lns", self.at_lns, "to-lac")
        self.at_lns.add_veth("up0", self.host, "eth0")
        self.host.ip("addr", "add", f"{HOST}/24", "dev", "eth0")
        self.host.ip("addr", "add", f"{HOST6}/64", "dev", "eth0", "nodad")
        self.host.ip("link", "set", "eth0", "up")
        for gateway in ("198.51.100.1", "2001:db8:1::1"):
            self.host.ip("route", "add", "default", "via", gateway)
        self.host.send_whole_packets("eth0")
        self.start_lac("to-lns", LAC_CONFIGURATION + lac_more)
        users = "".join(f"aaa local user {name}\n  password {word}\n" for name, word in PASSWORDS.items())
        self.lns = Router(self.lab, "lns", self.at_lns, ("to-lac", "up0"),
                          LNS_CONFIGURATION.format(users=users) + lns_more)
        self.lns.start()
        self.wait_cpe(PASSWORDS)

    def users(self):
        """Who is up at the LNS."""
        return {one["user"] for one in self.lns.show("subscribers")["subscribers"]}

    def begin_ping(self, interface, count, destination=HOST, rate=100):
        return super().begin_ping(interface, count, destination, rate)

    def logs(self):
        return "".join(router.logs() for router in (self.lac, self.lns) if router)
