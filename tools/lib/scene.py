"""The scene of the demonstrations and interoperability tests: a stock Linux LAC in a guest machine dials into Holdfast,
which forwards to a host behind it.

    guest "lac"          namespace hf-lns                                    namespace hf-host
    xl2tpd, pppd         holdfast-dataplane, holdfastd
    eth0 192.0.2.2 ----- lac0 = port ge0 192.0.2.1   up0 = port ge1 198.51.100.1 ----- eth0 198.51.100.2
    ppp0, ppp1 ...       subs0: subscribers 10.64.0.0/24, 2001:db8:64::/48             2001:db8:1::2
"""

import json
import pathlib
import re
import shutil
from dataclasses import dataclass

from build import program
from guest import Guest
from guest.xl2tpd import Lac
from lab import LabError, dataplane_memory, run, wait_until

INSTANCE = "lab"
RUN_DIR = pathlib.Path("/run/holdfast-lab")  # short, for the names of sockets
SHM_DIR = pathlib.Path("/dev/shm/holdfast-lab")
SUBSCRIBER_INTERFACE = "subs0"
LNS, LAC = "192.0.2.1", "192.0.2.2"
HOST, HOST6 = "198.51.100.2", "2001:db8:1::2"
TUNNEL_SECRET = "between-lac-and-lns"
USERS = {f"user{number}": f"password-{number}" for number in range(1, 9)}

CONFIGURATION = f"""\
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
aaa dns primary {HOST}
{{users}}l2tp failover-resync silent-failover
l2tp hello-interval {{hello}}
l2tp destination profile lac ip address {LAC}
  remote host lac
    local host lns
    tunnel password {TUNNEL_SECRET}
  remote host open
    local host lns
"""


def configuration(users, hello=60, more=""):
    """hello: seconds of silence before a peer is asked whether it lives; more: further statements."""
    blocks = "".join(f"aaa local user {user}\n  password {password}\n" for user, password in users.items())
    return CONFIGURATION.format(users=blocks, hello=hello) + more


@dataclass(frozen=True)
class Ping:
    sent: int
    received: int
    duplicates: int
    seconds: float

    @property
    def lost(self):
        return self.sent - self.received

    @property
    def rate(self):
        return (self.sent - 1) / self.seconds if self.seconds else 0.0


def parse_ping(output):
    """The summary that iputils' ping prints at its end."""
    found = re.search(r"(\d+) packets transmitted, (\d+) received,(?: \+(\d+) duplicates,)?.* time (\d+)ms", output)
    if not found:
        raise LabError(f"ping gave no summary: {output}")
    return Ping(int(found[1]), int(found[2]), int(found[3] or 0), int(found[4]) / 1000)


class Scene:
    def __init__(self, lab, **settings):
        """settings: of configuration()."""
        self.lab, self.settings = lab, settings
        self.lns, self.host = lab.namespaces
        self.dataplane = self.control = self.guest = self.lac = None

    def build(self):
        """Starts everything, and returns when the LAC could dial."""
        for folder in (RUN_DIR, SHM_DIR):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            self.lab.callback(shutil.rmtree, folder, ignore_errors=True)
        self._wire()
        self.guest = self.lab.enter_context(Guest("lac", self.lab.folder, namespace=self.lns.name, tap="lac0"))
        self._start_daemons()
        self.guest.wait_ready()
        self.guest.run(f"ip link set eth0 up && ip addr add {LAC}/24 dev eth0")
        # Each ping has a socket of its own kind then, which gets none of the others' replies.
        self.guest.run("sysctl -q -w net.ipv4.ping_group_range='0 0'")
        self.lac = Lac(self.guest, LNS, USERS, TUNNEL_SECRET)

    def _wire(self):
        self.lns.add_tap("lac0")
        self.lns.add_veth("up0", self.host, "eth0")
        for device in ("lac0", "up0"):
            self.lns.give_to_dataplane(device)
        self.host.ip("addr", "add", f"{HOST}/24", "dev", "eth0")
        self.host.ip("addr", "add", f"{HOST6}/64", "dev", "eth0", "nodad")
        self.host.ip("link", "set", "eth0", "up")
        self.host.ip("route", "add", "default", "via", "198.51.100.1")
        self.host.ip("route", "add", "default", "via", "2001:db8:1::1")
        self.host.send_whole_packets("eth0")

    def _start_daemons(self):
        where = ["--instance", INSTANCE, "--run-dir", RUN_DIR, "--shm-dir", SHM_DIR]
        # Without the bypass of queueing disciplines a capture on the device sees what the dataplane sends, too.
        ports = [word for number, device in enumerate(("lac0", "up0"))
                 for word in ("--port", f"ge{number}=net_af_packet{number},iface={device},qdisc_bypass=0")]
        self.dataplane = self.lab.start("holdfast-dataplane", program("holdfast-dataplane"), *where, *ports,
                                        *dataplane_memory(), "--subscriber-interface", SUBSCRIBER_INTERFACE,
                                        namespace=self.lns)
        self._wait("the dataplane's interfaces", self.dataplane,
                   lambda: all(name in self.lns.ip("-o", "link") for name in ("ge0", "ge1", SUBSCRIBER_INTERFACE)))
        file = self.lab.folder / "holdfast.conf"
        file.write_text(configuration(USERS, **self.settings))
        self.control = self.lab.supervise("holdfastd", program("holdfastd"), *where, "--config", file,
                                          namespace=self.lns)
        self._wait("holdfastd to answer", self.control.process, self.answers)

    def _wait(self, what, process, condition):
        def alive_and_there():
            process.expect_alive()
            return condition()
        wait_until(what, alive_and_there)

    def cli(self, command):
        """What the command line prints."""
        return run(program("holdfast"), "--instance", INSTANCE, "--run-dir", RUN_DIR, "-c", command)

    def show(self, what):
        return json.loads(self.cli(f"show {what} | json"))

    def answers(self):
        try:
            return bool(self.cli("show version"))
        except LabError:
            return False

    def sessions(self):
        """User -> local session id of the sessions that are up."""
        listed = self.show("l2tp session")["sessions"]
        return {session["user"]: session["local_session_id"] for session in listed if session["state"] == "established"}

    def tunnels(self):
        return [tunnel for tunnel in self.show("l2tp tunnel")["tunnels"] if tunnel["state"] == "established"]

    def begin_ping(self, interface, count, destination=HOST, rate=100):
        """Starts a ping in the guest through one session; parse_ping() reads its output."""
        # With a preload of some packets ping catches up when it was late, so that the rate is the one asked for. It
        # goes before the guest's other programs: a ping that can't run loses what overflows its socket.
        pace = f"-i {1 / rate} -l 10 -c {count} -W 2"
        return self.guest.begin(f"nice -n -10 ping -q -n {pace} -I {interface} {destination}")

    def logs(self):
        parts = [("holdfastd", self.control and self.control.process.tail()),
                 ("holdfast-dataplane", self.dataplane and self.dataplane.tail()),
                 ("lac", self.lac and "\n".join(self.lac.log().splitlines()[-40:]))]
        return "".join(f"{name}:\n{text}\n" for name, text in parts if text)
