"""Subscribers of a LAC on real input: the PPPoE sessions of a stock Linux CPE, tunnelled by one Holdfast to another,
live on while the control processes of both are killed, one after the other and at once, and nobody notices."""

import threading
import time

import capture
import echoes
from lab import wait_until
from lac_scene import HOST, HOST6, OWN_USER, LacScene, user
from play import Play
from scene import parse_ping
from table import render

PACKETS = 600  # a session and a kill, at about 100 a second
SESSIONS = 3
HEADER = ("at s", "what", "packets sent", "lost by LAC or LNS", "in the CPE", "packets/s", "control away ms",
          "remarks of pppd")


class LacFailover(Play):
    NAMESPACES = LacScene.NAMESPACES

    def __init__(self, lab, say):
        super().__init__(lab, say)
        self.scene = LacScene(lab)
        self.began = time.time()
        self.interfaces = [f"ppp{number}" for number in range(SESSIONS)]

    def play(self):
        """Runs the whole demonstration and gives what went wrong, as sentences."""
        self.say("booting the CPE's machine, starting two routers: LAC and LNS")
        self.build()
        wire = capture.Recorder(self.lab, self.scene.at_lac, "cpe0", self.lab.folder / "pppoe.pcap")
        tunnel = capture.Recorder(self.lab, self.scene.at_lac, "to-lns", self.lab.folder / "l2tp.pcap")
        try:
            self.acts()
        finally:
            wire.stop()
            tunnel.stop()
        self.judge_packets(wire.path)
        self.judge_messages(tunnel.path)
        self.print_tables()
        return self.wrong

    def build(self):
        self.scene.build()

    def print_tables(self):
        print()
        print(render(HEADER, [self._cells(row) for row in self.rows]))

    # The acts.

    def acts(self):
        self.dial_first()
        self.kill_each()
        self.kill_during_call()
        self.dial_own()
        self.hang_up()

    def kill_each(self):
        self.kill("LAC's control process", self.scene.lac)
        self.kill("LNS's control process", self.scene.lns)
        self.kill("control processes of both", self.scene.lac, self.scene.lns)

    def dial_first(self):
        self.say(f"dialling {SESSIONS} PPPoE sessions of a domain that is tunnelled to the LNS")
        with self.act("PPPoE sessions dialled"):
            for number, interface in enumerate(self.interfaces):
                self.scene.cpe.dial(user(number + 1), number)
        self.check(self.scene.users() == {user(number + 1) for number in range(SESSIONS)}, "all are up at the LNS")
        self.check(set(self.scene.lines().values()) == {"tunnel"}, "the LAC tunnels every line")
        self.check(len(self.scene.lac.show("l2tp tunnel")["tunnels"]) == 1, "they share one tunnel")
        for interface in self.interfaces:  # the path is warm (ARP, neighbours) before packets are counted
            self.scene.guest.wait_for(f"ping -q -c 1 -W 1 -I {interface} {HOST}")
        self.scene.guest.run(f"ip -6 route add {HOST6} dev ppp0")
        self.scene.guest.wait_for(f"ping -q -c 1 -W 1 -I ppp0 {HOST6}")

    def kill(self, whose, *routers):
        self.say(f"kill -9 of the {whose} during 100 packets/s on every session, IPv4 and IPv6")
        lines, users = self.scene.lines(), self.scene.users()
        before = self.remarks()
        with self.act(f"killed: {whose}") as row:
            pings = self.begin_pings()
            time.sleep(PACKETS / 100 / 3)
            self.kill_now(row, routers)
            self.take(row, pings)
            row["remarks"] = self.remarks() - before
        self.check(row["remarks"] == 0, f"pppd has nothing to remark: {row['what']}")
        self.check(self.scene.lines() == lines, f"every line is as it was: {row['what']}")
        self.check(self.scene.users() == users, f"every user is as he was: {row['what']}")

    def kill_during_call(self):
        self.say("kill -9 of both control processes while a fourth session is dialled")
        before = self.remarks()
        with self.act("killed: both, during a call") as row:
            pings = self.begin_pings()
            with capture.Watcher(self.scene.at_lac, "to-lns") as watcher:
                self.scene.cpe.begin_dial(user(4), SESSIONS)
                watcher.wait_for("ICRQ")
                self.kill_now(row, (self.scene.lac, self.scene.lns))
            self.scene.cpe.wait_up(f"ppp{SESSIONS}")
            self.take(row, pings)
            row["remarks"] = self.remarks() - before
        self.check(row["remarks"] == 0, "the other sessions' pppd have nothing to remark")
        self.check(user(4) in self.scene.users(), "the interrupted call completes")

    def dial_own(self):
        self.say("dialling a user whom the LAC serves itself")
        with self.act("user of the LAC itself dialled"):
            self.scene.cpe.dial(OWN_USER, 9)
        self.check("ppp" in self.scene.lines().values(), "his PPP ends at the LAC")
        self.scene.guest.wait_for("ping -q -c 1 -W 1 -I ppp9 10.65.0.1")

    def hang_up(self):
        self.say("hanging up from the client, one by one")
        with self.act("hung up by the client"):
            for interface in [*self.interfaces, f"ppp{SESSIONS}", "ppp9"]:
                self.scene.cpe.hang_up(interface)
            self.check_soon(lambda: not self.scene.lines(), "no line is left at the LAC")
            self.check_soon(lambda: not self.scene.users(), "no user is left at the LNS")
            self.check_soon(lambda: not self.scene.lns.show("l2tp session")["sessions"], "no session is left behind")

    def judge_packets(self, wire):
        """What the capture says, which neither side could tell by itself."""
        pings = echoes.read(wire)
        for row in self.rows:
            if "missed" not in row:
                continue
            row["lost"] = echoes.unanswered(pings, row["start"], row["end"])
            # The emulated machine drops frames of its own when it gets no processor: they had passed the wire.
            row["in_cpe"] = max(0, row["missed"] - row["lost"])
            self.check(row["lost"] == 0, f"no packet is lost: {row['what']}")
            self.check(row["in_cpe"] * 20 <= row["sent"], f"the CPE's machine kept up: {row['what']}")

    def judge_messages(self, tunnel):
        """The same of the control messages between LAC and LNS."""
        findings = capture.examine(capture.read(tunnel))
        self.say(f"wire: {findings.messages} control messages, {len(findings.wrong)} answered twice or out of order; "
                 f"captures kept in {tunnel.parent}")
        self.wrong += findings.wrong
        self.check(findings.messages > 0, "the capture has control messages")

    # What the acts are made of.

    def begin_pings(self):
        pings = [self.scene.begin_ping(interface, PACKETS) for interface in self.interfaces]
        return [*pings, self.scene.begin_ping("ppp0", PACKETS, HOST6)]

    def kill_now(self, row, routers):
        began = time.time()
        killing = [threading.Thread(target=router.kill) for router in routers]
        for thread in killing:
            thread.start()
        for thread in killing:
            thread.join()
        row["away"] = (time.time() - began) * 1000
        wait_until("both to answer", lambda: all(router.answers() for router in routers))

    def take(self, row, pings):
        """Adds up what the pings counted."""
        results = [parse_ping(ping.result(120).output) for ping in pings]
        row["sent"] = sum(result.sent for result in results)
        row["missed"] = sum(result.lost for result in results)
        row["rate"] = sum(result.rate for result in results) / len(results)
        self.check(not any(result.duplicates for result in results), f"no packet arrives twice: {row['what']}")

    def remarks(self):
        """Lines in the logs of the CPE's pppd, but for their echoes."""
        return sum(len(self.scene.cpe.remarks(interface)) for interface in self.interfaces)

    def act(self, what):
        return Act(self, what)

    def _cells(self, row):
        def shown(key, digits=0):
            return f"{row[key]:.{digits}f}" if row.get(key) is not None else "-"
        return (f"{row['start'] - self.began:.1f}", row["what"], shown("sent"), shown("lost"), shown("in_cpe"),
                shown("rate"), shown("away"), shown("remarks"))


class Act:
    """One row of the table: notes when it began and ended."""

    def __init__(self, play, what):
        self.play = play
        self.row = {"what": what, "start": time.time(), "end": None}

    def __enter__(self):
        return self.row

    def __exit__(self, kind, value, trace):
        self.row["end"] = time.time()
        self.play.rows.append(self.row)
