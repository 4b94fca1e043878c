"""The failover protocol (RFC 4951) on the wire between two Holdfast routers that have the default method: after kill -9
of either control process, and of both, they agree on the tunnel's numbers anew and tell each other which sessions they
have, while the dataplanes forward on and every session stays."""

import pathlib

from lab import run
from lac_failover import SESSIONS, LacFailover
from lac_scene import LAC
from table import render

METHOD = "failover-protocol-fallback-to-silent-failover"
READER = pathlib.Path(__file__).resolve().parents[2] / "tests" / "dissect" / "rfc4951.lua"
FIELDS = ("frame.time_epoch", "ip.src", "l2tp.avp.message_type", "rfc4951.recover_tunnel_id", "rfc4951.suggested_ns")
# Message type and the column of FIELDS that it must have -> its name in the table.
KINDS = {(1, 3): "SCCRQ with AVP 77", (2, 4): "SCCRP with AVP 78", (3, None): "SCCCN", (4, None): "StopCCN",
         (21, None): "FSQ", (22, None): "FSR"}
NEEDED = ("SCCRQ with AVP 77", "SCCRP with AVP 78", "FSQ", "FSR")
STORY_HEADER = ("what", "at", "failover", "outcome", "sessions kept", "cleared", "unanswered", "messages", "took ms")


def read(path, condition):
    """The frames of a capture for which that holds, with what our reader of RFC 4951 adds to tshark's: FIELDS each."""
    command = ["tshark", "-r", path, "-X", f"lua_script:{READER}", "-Y", condition, "-T", "fields"]
    for name in FIELDS:
        command += ["-e", name]
    rows = [line.split("\t") for line in run(*command, "-E", "occurrence=f", timeout=300).splitlines()]
    return [row for row in rows if len(row) == len(FIELDS) and row[0].replace(".", "").isdigit()]


class FailoverProtocol(LacFailover):
    def __init__(self, lab, say):
        super().__init__(lab, say)
        self.stories, self.counts = [], []

    def build(self):
        self.scene.build("default l2tp failover-resync\n", "default l2tp failover-resync\n")

    def acts(self):
        self.dial_first()
        for router in (self.scene.lac, self.scene.lns):
            methods = [tunnel["resync_method"] for tunnel in router.show("l2tp tunnel")["tunnels"]]
            self.check(methods == [METHOD], f"the tunnel has the default method at the {router.name.upper()}")
        self.kill_each()
        self.hang_up_all()

    def kill(self, whose, *routers):
        super().kill(whose, *routers)
        for router in (self.scene.lac, self.scene.lns):
            self.tell(self.rows[-1]["what"], router, routers)

    def tell(self, what, router, killed):
        """What that router says of the failover, which is over by now."""
        def told():
            return router.show("l2tp failover")["failovers"]
        at = router.name.upper()
        self.check_soon(lambda: all(story["outcome"] != "under-way" for story in told()), f"it is over: {what}, {at}")
        stories = told()
        self.check([story["outcome"] for story in stories] == ["recovered"], f"one tunnel, recovered: {what}, {at}")
        for story in stories:
            self.check(story["sessions_kept"] == SESSIONS, f"every session is kept: {what}, {at}")
            # Where both fail, the tie breaker says whose recovery it is.
            self.check(len(killed) > 1 or story["ours"] == (router in killed), f"it knows who failed: {what}, {at}")
            cleared = story["cleared_not_established"] + story["cleared_unknown_to_peer"]
            self.stories.append((what, at, "its own" if story["ours"] else "the peer's", story["outcome"],
                                 story["sessions_kept"], cleared, story["unanswered"], story["messages"],
                                 story["took_ms"]))

    def hang_up_all(self):
        self.say("hanging up from the client, one by one")
        with self.act("hung up by the client"):
            for interface in self.interfaces:
                self.scene.cpe.hang_up(interface)
            self.check_soon(lambda: not self.scene.lines(), "no line is left at the LAC")
            self.check_soon(lambda: not self.scene.users(), "no user is left at the LNS")

    def judge_messages(self, tunnel):
        breaches = read(tunnel, "rfc4951.breach")
        self.check(not breaches, f"every AVP of RFC 4951 is as it says: {breaches}")
        messages = read(tunnel, "l2tp.avp.message_type")
        for row in self.rows:
            if "missed" not in row:
                continue
            found = [message for message in messages if row["start"] <= float(message[0]) < row["end"]]
            counts = {name: self.senders(found, *kind) for kind, name in KINDS.items()}
            for name in NEEDED:
                self.check(sum(counts[name]) > 0, f"{name} passed: {row['what']}")
            self.counts.append((row["what"], *(f"{lac} / {lns}" for lac, lns in counts.values())))
        self.say(f"wire: {len(messages)} control messages, {len(breaches)} that break RFC 4951; captures kept in "
                 f"{tunnel.parent}")

    @staticmethod
    def senders(messages, kind, column):
        """How many of that kind the LAC and the LNS sent; column: of FIELDS, which is not empty."""
        sources = [message[1] for message in messages
                   if message[2] == str(kind) and (column is None or message[column])]
        return sources.count(LAC), len(sources) - sources.count(LAC)

    def print_tables(self):
        super().print_tables()
        print("\nshow l2tp failover, after each:\n" + render(STORY_HEADER, self.stories))
        print("\nControl messages on the wire, sent by LAC / by LNS:\n"
              + render(("what", *KINDS.values()), self.counts))
