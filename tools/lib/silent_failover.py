"""The main job on real input: sessions of a stock Linux LAC live on while the control process is killed, once during
traffic and once in the middle of a call set-up, and work afterwards as if nothing had been."""

import threading
import time

import capture
import echoes
from lab import wait_until
from play import Play
from scene import HOST, HOST6, LAC, LNS, Scene, parse_ping
from table import render

PACKETS = 800  # a session and a kill, at about 100 a second
CALL_KILLED = "killed during a call"
RATE = (50, 125)  # packets/s; 100 are asked for, and a busy machine emulates another as fast as it can
HEADER = ("at s", "what", "packets sent", "lost by LNS", "in LAC", "packets/s", "restored ms", "first answer ms",
          "Ns/Nr before", "after", "repeated by LAC", "by LNS")


class SilentFailover(Play):
    NAMESPACES = ("hf-lns", "hf-host")

    def __init__(self, lab, say):
        super().__init__(lab, say)
        self.scene = Scene(lab)
        self.began = time.time()

    def play(self):
        """Runs the whole demonstration and gives what went wrong, as sentences."""
        self.say("booting the LAC's machine, starting dataplane and control process")
        self.scene.build()
        wire = capture.Recorder(self.lab, self.scene.lns, "lac0", self.lab.folder / "wire.pcap")
        try:
            self.dial_first()
            self.kill_during_traffic()
            self.kill_during_call()
            self.dial_another()
            self.hang_up()
        finally:
            wire.stop()
        self.judge_wire(wire.path)
        print()
        print(render(HEADER, [self._cells(row) for row in self.rows]))
        return self.wrong

    # The acts.

    def dial_first(self):
        self.say("dialling three sessions in one tunnel")
        with self.act("three sessions dialled"):
            for number in (1, 2, 3):
                self.scene.lac.dial(f"user{number}")
        self.check(self.scene.sessions().keys() == {"user1", "user2", "user3"}, "three sessions are up")
        self.check(len(self.scene.tunnels()) == 1, "they share one tunnel")
        # The path is warm (ARP, neighbours) before packets are counted.
        for interface in ("ppp0", "ppp1", "ppp2"):
            self.scene.guest.wait_for(f"ping -q -c 1 -W 1 -I {interface} {HOST}")
        self.scene.guest.run(f"ip -6 route add {HOST6} dev ppp0")
        self.scene.guest.wait_for(f"ping -q -c 1 -W 1 -I ppp0 {HOST6}")

    def kill_during_traffic(self):
        self.say("kill -9 of holdfastd during 100 packets/s on every session, IPv4 and IPv6")
        before = self.scene.sessions()
        with self.act("killed during traffic") as row:
            pings = self.begin_pings()
            time.sleep(PACKETS / 100 / 3)
            row["before"] = self.sequence()
            self.kill(row)
            self.take(row, pings)
        self.check(self.scene.sessions() == before, "every session outlives the kill during traffic")

    def kill_during_call(self):
        self.say("kill -9 of holdfastd in the middle of a call set-up: right after its ICRP for a fourth call")
        before = self.scene.sessions()
        with self.act(CALL_KILLED) as row, capture.Watcher(self.scene.lns, "lac0") as watcher:
            row["before"] = self.sequence()
            pings = self.begin_pings()
            dialling = threading.Thread(target=self.scene.lac.begin_dial, args=("user4",), daemon=True)
            dialling.start()
            watcher.wait_for("ICRP")
            self.kill(row)
            dialling.join()
            self.scene.lac.wait_up("ppp3")
            self.take(row, pings)
        after = self.scene.sessions()
        self.check("user4" in after, "the interrupted call completes")
        self.check(before.items() <= after.items(), "every session outlives the kill during a call")
        with self.act("ping in the interrupted call") as row:
            self.take(row, [self.scene.begin_ping("ppp3", 100)])

    def dial_another(self):
        self.say("dialling a fifth session")
        with self.act("fifth session dialled") as row:
            interface, _ = self.scene.lac.dial("user5")
            self.take(row, [self.scene.begin_ping(interface, 100)])
        self.check("user5" in self.scene.sessions(), "a session can be dialled after two kills")

    def hang_up(self):
        self.say("hanging up from the client: two calls, then the tunnel with the others")
        with self.act("hung up by the client"):
            for user in ("user2", "user4"):
                self.scene.lac.hang_up(user)
                self.check_soon(lambda: user not in self.scene.sessions(), f"{user} is gone after hanging up")
            self.check(self.scene.sessions().keys() == {"user1", "user3", "user5"}, "the others stay")
            self.scene.lac.close_tunnel()
            self.check_soon(lambda: not self.scene.sessions(), "all sessions are gone with the tunnel")
            self.check_soon(lambda: not self.scene.tunnels(), "the tunnel is gone")
            self.check_soon(lambda: not self.scene.show("subscribers")["subscribers"], "no subscriber is left behind")

    def judge_wire(self, path):
        """What the capture says, which neither side could tell by itself."""
        messages = capture.read(path)
        findings = capture.examine(messages)
        pings = echoes.read(path)
        for row in self.rows:
            if "missed" in row:
                row["lost"] = echoes.unanswered(pings, row["start"], row["end"])
                # The emulated machine drops frames of its own when it gets no processor: they had passed the wire.
                row["in_lac"] = max(0, row["missed"] - row["lost"])
                self.check(row["lost"] == 0, f"no packet is lost: {row['what']}")
                self.check(row["in_lac"] * 20 <= row["sent"], f"the LAC's machine kept up: {row['what']}")
            counts = capture.retransmissions(messages, row["start"], row["end"])
            row["repeated"] = (counts.get(LAC, 0), counts.get(LNS, 0))
            if row["what"] == CALL_KILLED:
                before = [message.name for message in messages if message.time < row["killed"]]
                row["what"] += f", after its {before[-1]}"
        self.say(f"wire: {findings.messages} control messages and {findings.acknowledgements} acknowledgements, "
                 f"{len(findings.wrong)} answered twice or out of order; capture kept in {path}")
        self.wrong += findings.wrong
        self.check(findings.messages > 0, "the capture has control messages")

    # What the acts are made of.

    def begin_pings(self):
        pings = [self.scene.begin_ping(f"ppp{number}", PACKETS) for number in range(3)]
        return [*pings, self.scene.begin_ping("ppp0", PACKETS, HOST6)]

    def kill(self, row):
        process = self.scene.control.kill()
        row["killed"] = self.scene.control.killed
        wait_until("the new holdfastd", self.scene.answers, every=0.02)
        row["after"] = self.sequence()
        self.say(f"holdfastd runs again as process {process.pid}, {(time.time() - process.started) * 1000:.0f} ms "
                 "later its command line answers")

    def take(self, row, pings):
        """Adds up what the pings counted."""
        results = [parse_ping(ping.result(120).output) for ping in pings]
        row["sent"] = sum(result.sent for result in results)
        row["missed"] = sum(result.lost for result in results)
        row["rate"] = sum(result.rate for result in results) / len(results)
        self.check(not any(result.duplicates for result in results), f"no packet arrives twice: {row['what']}")
        self.check(all(RATE[0] <= result.rate <= RATE[1] for result in results),
                   f"the pings ran at about 100 a second: {row['what']}: "
                   + ", ".join(f"{result.rate:.0f}" for result in results))

    def act(self, what):
        return Act(self, what)

    def sequence(self):
        tunnels = self.scene.tunnels()
        return f"{tunnels[0]['ns']}/{tunnels[0]['nr']}" if tunnels else "-"

    def _cells(self, row):
        def shown(key, digits=0):
            return f"{row[key]:.{digits}f}" if row.get(key) is not None else "-"
        by_lac, by_lns = row["repeated"]
        return (f"{row['start'] - self.began:.1f}", row["what"], shown("sent"), shown("lost"), shown("in_lac"),
                shown("rate"), shown("restore_ms", 1), shown("first_answer_ms", 1), row.get("before", "-"),
                row.get("after", "-"), by_lac, by_lns)


class Act:
    """One row of the table: notes when it began and ended, and what the restarted process says of itself."""

    def __init__(self, play, what):
        self.play = play
        self.row = {"what": what, "start": time.time(), "end": None}

    def __enter__(self):
        return self.row

    def __exit__(self, kind, value, trace):
        self.row["end"] = time.time()
        self.play.rows.append(self.row)
        if kind is None and self.row.get("killed"):
            checkpoint = self.play.scene.show("checkpoint")
            self.row["restore_ms"] = checkpoint["restore_ms"]
            self.row["first_answer_ms"] = checkpoint["first_answer_ms"]
