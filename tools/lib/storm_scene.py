"""The scene of a storm of subscribers: pppoe-generator before a LAC, the LAC's tunnels to an LNS, and beside it another
peer of either router, whose tunnels are idle but for a HELLO every second.

    hf-cpe                 hf-lac                         hf-lns
    pppoe-generator        dataplane, holdfastd           dataplane, holdfastd
    cpe0 ----------------- ge0   ge1 192.0.2.2 ---------- ge0 192.0.2.1
                           ge2 203.0.113.1                ge1 198.51.100.1
                             |            hf-idle           |
                             +--- .2 lac-generator x 2 .2 --+
"""

import pathlib
import re
import time

import capture
from holdfast_router import Router
from lab import run, wait_until
from lac_generator import LacGenerator
from lac_scene import LAC, LNS, SECRET
from pppoe_generator import PppoeGenerator

NAMESPACES = ("hf-cpe", "hf-lac", "hf-lns", "hf-idle")
PASSWORD = "all-at-once"
ROUTER = "10.64.0.1"  # the LNS towards its subscribers
IDLE = {"lac": ("203.0.113.1", "203.0.113.2"), "lns": ("198.51.100.1", "198.51.100.2")}  # of the router, its idle peer
IDLE_TUNNELS = 64  # of either router
HELLO_OCTETS = 28  # UDP header and a HELLO, which has nothing but its Message Type
MOST_IN_A_DOMAIN = 31

COMMON = f"""\
log level warning
l2tp failover-resync silent-failover
l2tp hello-interval 1
aaa local user idle
  password {PASSWORD}
l2tp destination profile idle ip address {{idle}}
  remote host default
    tunnel password {SECRET}
"""

LAC_CONFIGURATION = f"""\
hostname lac
interface ge0
  pppoe
interface ge1
  ip address {LAC}/24
interface ge2
  ip address {IDLE['lac'][0]}/24
interface loopback 0
  ip address 10.255.0.1/32
ip local pool local 10.255.0.2 10.255.255.254
pppoe mru 1460
""" + COMMON.format(idle=IDLE["lac"][1])

LNS_CONFIGURATION = f"""\
hostname lns
interface ge0
  ip address {LNS}/24
interface ge1
  ip address {IDLE['lns'][0]}/24
interface loopback 0
  ip address {ROUTER}/32
ip local pool subscribers 10.64.0.2 10.67.255.254
l2tp destination profile lac ip address {LAC}
  remote host lac
    tunnel password {SECRET}
""" + COMMON.format(idle=IDLE["lns"][1])

DOMAIN_TUNNEL = f"""\
  tunnel {{number}}
    address {LNS}
    source-address {LAC}
    identification {{number}} of {{domain}}
    password {SECRET}
"""


def shape(tunnels):
    """Domains, and tunnels of each."""
    in_each = next(n for n in range(min(tunnels, MOST_IN_A_DOMAIN), 0, -1) if tunnels % n == 0)
    return tunnels // in_each, in_each


def domain_maps(domains, in_each):
    out = ""
    for domain in range(1, domains + 1):
        out += f"aaa domain-map d{domain}.example\n"
        out += "".join(DOMAIN_TUNNEL.format(number=n, domain=domain).replace(f"{n} of {domain}", f"{n}-of-{domain}")
                       for n in range(1, in_each + 1))
    return out


def users(domains):
    return "".join(f"aaa local user storm@d{n}.example\n  password {PASSWORD}\n" for n in range(1, domains + 1))


def peak_rss_mb(process):
    """The most memory that a process ever had, shared memory that it touched included."""
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return round(int(re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)[1]) / 1024, 1)


class StormScene:
    def __init__(self, lab, subscribers, tunnels, timeout, at_once):
        self.lab, self.subscribers = lab, subscribers
        self.cpe, at_lac, at_lns, self.idle = lab.namespaces
        self.domains, in_each = shape(tunnels)
        at_lac.add_veth("access", self.cpe, "cpe0")
        self.cpe.ip("link", "set", "cpe0", "txqueuelen", "20000", "up")
        at_lac.add_veth("to-lns", at_lns, "to-lac")
        for namespace, name in ((at_lac, "lac"), (at_lns, "lns")):
            namespace.add_veth("to-idle", self.idle, f"to-{name}")
            self.idle.ip("addr", "add", f"{IDLE[name][1]}/24", "dev", f"to-{name}")
            self.idle.ip("link", "set", f"to-{name}", "up")
            self.idle.send_whole_packets(f"to-{name}")
        room = max(65535, subscribers) + 1024
        self.lac = Router(lab, "lac", at_lac, ("access", "to-lns", "to-idle"),
                          LAC_CONFIGURATION + domain_maps(self.domains, in_each), "--max-sessions", 2 * room)
        self.lns = Router(lab, "lns", at_lns, ("to-lac", "to-idle"), LNS_CONFIGURATION + users(self.domains),
                          "--max-sessions", room)
        self.timeout, self.at_once = timeout, at_once
        self.routers = (self.lac, self.lns)

    def start(self):
        for router in self.routers:
            router.start()
        self.idlers = [self._idle_peer(name) for name in IDLE]

    def _idle_peer(self, name):
        router, peer = IDLE[name]
        wait_until(f"a way to {router}", lambda: " 0% packet loss" in run(
            *self.idle.inside, "ping", "-c1", "-W1", router, check=False))
        generator = LacGenerator(self.lab, self.idle, "--lns", router, "--source", peer, "--tunnels", IDLE_TUNNELS,
                                 "--sessions", 1, "--secret", SECRET, "--user", "idle", "--password", PASSWORD,
                                 "--hello", 0)
        generator.ask("wait", 90)
        return generator

    def record_hellos(self):
        """HELLOs of both routers to their idle peers."""
        self.recorders = []
        for name in IDLE:
            path = self.lab.folder / f"hellos-{name}.pcap"
            process = self.lab.start("tcpdump", *capture.TCPDUMP, "-i", f"to-{name}", "-U", "-w", path,
                                     f"src host {IDLE[name][0]} and udp port 1701 and udp[4:2] = {HELLO_OCTETS}",
                                     namespace=self.idle)
            wait_until("tcpdump", lambda: "listening on" in process.tail())
            self.recorders.append((path, process))

    def hellos(self):
        """Ends the record: (HELLOs that were sent again, HELLOs, tunnels that were given up)."""
        time.sleep(1)
        seen, missed = set(), 0
        for path, process in self.recorders:
            process.stop()
            for message in capture.read(path):
                key = (message.source, message.tunnel, message.ns)
                missed += key in seen
                seen.add(key)
        return missed, len(seen), sum(idler.ask("status")["tunnels_lost"] for idler in self.idlers)

    def dial(self):
        more = ["--at-once", self.at_once] if self.at_once else []
        return PppoeGenerator(self.lab, self.cpe, "cpe0", "--subscribers", self.subscribers, "--domains", self.domains,
                              "--user", "storm@d{domain}.example", "--password", PASSWORD, "--mru", 1460, "--timeout",
                              self.timeout, *more)

    def memory(self):
        return {f"{router.name}-{what}": peak_rss_mb(process) for router in self.routers
                for what, process in (("control", router.control.process), ("dataplane", router.dataplane))}

    def held(self):
        """How many there are: lines and their calls at the LAC, sessions and subscribers at the LNS, tunnels."""
        lines = self.lac.show("pppoe session")["sessions"]
        tunnels = self.lac.show("l2tp tunnel")["tunnels"]
        at_lns = self.lns.show("subscribers")["subscribers"]
        return {"lines": len(lines), "lines_in_tunnels": sum(line["state"] == "tunnel" for line in lines),
                "tunnels": sum(t["opened_by_us"] and t["state"] == "established" for t in tunnels),
                "fewest_in_a_tunnel": min((t["sessions"] for t in tunnels if t["opened_by_us"]), default=0),
                "most_in_a_tunnel": max((t["sessions"] for t in tunnels if t["opened_by_us"]), default=0),
                "subscribers_at_lns": sum(one["user"] != "idle" for one in at_lns)}
