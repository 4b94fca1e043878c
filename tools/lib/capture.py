"""The wire as tcpdump records it and tshark reads it: L2TP control messages (RFC 2661 5.8), who repeated what, and
whether anything was answered twice, out of order, or changed between two transmissions."""

import contextlib
import struct
import time
from dataclasses import dataclass, field

from lab import LabError, run, wait_until

NAMES = {1: "SCCRQ", 2: "SCCRP", 3: "SCCCN", 4: "StopCCN", 6: "HELLO", 7: "OCRQ", 8: "OCRP", 9: "OCCN", 10: "ICRQ",
         11: "ICRP", 12: "ICCN", 14: "CDN", 15: "WEN", 16: "SLI", 21: "FSQ", 22: "FSR"}
# At most one of each may be sent in a tunnel or for a session.
ONCE = {1, 2, 3, 4, 10, 11, 12, 14}
ASSIGNING = {7, 8, 10, 11}
FIELDS = ("frame.time_epoch", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "l2tp.tunnel", "l2tp.session",
          "l2tp.Ns", "l2tp.Nr", "l2tp.avp.message_type", "l2tp.avp.assigned_tunnel_id", "l2tp.avp.assigned_session_id",
          "udp.payload")
SEQUENCE = 1 << 16
# It stays root, since a process that changes its user no longer dies with its parent.
TCPDUMP = ["tcpdump", "-Z", "root", "--immediate-mode"]


@dataclass(frozen=True)
class Message:
    time: float
    source: str
    destination: str
    tunnel: int  # of the receiver, as in the header; 0 in SCCRQ
    session: int
    ns: int
    nr: int
    kind: int | None  # None: ZLB, an acknowledgement alone
    assigned_tunnel: int | None = None
    assigned_session: int | None = None
    payload: str = ""  # the octets in hexadecimal

    @property
    def name(self):
        return NAMES.get(self.kind, "ZLB" if self.kind is None else f"type {self.kind}")


@dataclass
class Findings:
    messages: int = 0
    acknowledgements: int = 0
    repeated: dict = field(default_factory=dict)  # source -> messages sent again
    wrong: list = field(default_factory=list)  # sentences; empty when all is well


class Recorder:
    """Records every frame of a device into a file, from the first that is sent after start() returns."""

    def __init__(self, lab, namespace, device, path):
        self.path = path
        self.process = lab.start("tcpdump", *TCPDUMP, "-i", device, "-U", "-s", "0", "-w", path, namespace=namespace)
        wait_until("tcpdump", lambda: "listening on" in self.process.tail())

    def stop(self):
        time.sleep(0.5)  # the last frames are on their way through the kernel
        self.process.stop()


def control_kind(frame):
    """The message type of an Ethernet frame with an L2TP control message over IPv4; None for all else and for ZLB."""
    if frame[12:14] != b"\x08\x00" or frame[23] != 17:  # IPv4, UDP
        return None
    l2tp = 14 + 4 * (frame[14] & 0x0F) + 8
    if 1701 not in struct.unpack_from("!HH", frame, l2tp - 8) or len(frame) < l2tp + 20 or not frame[l2tp] & 0x80:
        return None
    # The Message Type AVP comes first (RFC 2661 4.4.1), after the header of 12 octets.
    return struct.unpack_from("!H", frame, l2tp + 18)[0]


class Watcher:
    """Tells of a control message the moment it passes a device."""

    def __init__(self, namespace, device):
        self.socket = namespace.packet_socket(device)

    def wait_for(self, name, timeout=30):
        """Returns when a message of that name (as in NAMES) has passed."""
        end = time.monotonic() + timeout
        self.socket.settimeout(1)
        while time.monotonic() < end:
            with contextlib.suppress(TimeoutError):
                kind = control_kind(self.socket.recv(2048))
                if kind is not None and NAMES.get(kind) == name:
                    return
        raise LabError(f"no {name} passed within {timeout} s")

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.socket.close()


def read(path):
    """All L2TP control messages of a capture, in the order of the wire."""
    command = ["tshark", "-r", path, "-Y", "l2tp.type == 1 && !icmp", "-T", "fields"]
    for name in FIELDS:
        command += ["-e", name]
    messages = []
    for line in run(*command, "-E", "occurrence=f", timeout=300).splitlines():
        values = line.split("\t")
        if len(values) == len(FIELDS) and values[0].replace(".", "").isdigit():  # not a remark of tshark's
            messages.append(from_fields(values))
    return messages


def dissect(path, condition, field):
    """That field of every frame of a capture for which tshark's condition holds."""
    lines = run("tshark", "-r", path, "-Y", condition, "-T", "fields", "-e", field, timeout=300).splitlines()
    return [line for line in lines if line and not line.startswith("Running as user")]


def from_fields(values):
    when, source4, destination4, source6, destination6 = values[:5]
    tunnel, session, ns, nr, kind, assigned_tunnel, assigned_session = (int(v) if v else None for v in values[5:12])
    return Message(float(when), source4 or source6, destination4 or destination6, tunnel or 0, session or 0, ns, nr,
                   kind, assigned_tunnel, assigned_session, values[12])


def by_tunnel(messages):
    """Pairs each message with a number for its tunnel: a header has the receiver's id alone."""
    numbers = {}  # (receiver, its tunnel id) -> number
    for message in messages:
        if message.kind == 1:  # SCCRQ goes to tunnel 0, the sender's id is in an AVP
            number = numbers.setdefault((message.source, message.assigned_tunnel), len(numbers))
        else:
            number = numbers.setdefault((message.destination, message.tunnel), len(numbers))
        if message.kind == 2 and message.assigned_tunnel:
            numbers[(message.source, message.assigned_tunnel)] = number
        yield message, number


def retransmissions(messages, start=0.0, end=float("inf")):
    """How often each source sent a message again between two moments: source -> count."""
    seen, count = set(), {}
    for message, tunnel in by_tunnel(messages):
        if message.kind is None:
            continue
        key = (message.source, tunnel, message.ns)
        if key in seen and start <= message.time < end:
            count[message.source] = count.get(message.source, 0) + 1
        seen.add(key)
    return count


def examine(messages):
    """Checks the sequence of a whole capture, which must hold each tunnel from its first message on."""
    findings = Findings(repeated=retransmissions(messages))
    ways = {}
    for message, tunnel in by_tunnel(messages):
        way = ways.setdefault((tunnel, message.source), Way())
        back = ways.setdefault((tunnel, message.destination), Way())
        findings.messages += message.kind is not None
        findings.acknowledgements += message.kind is None
        if way.assigns(message):
            back.begin_call(message.assigned_session)
        moment = f"{message.time:.3f} {message.source} {message.name} Ns {message.ns} Nr {message.nr}"
        for wrong in [*way.sent(message), *way.acknowledged(message, back)]:
            findings.wrong.append(f"{moment}: {wrong}")
    return findings


class Way:
    """One direction of one tunnel, as far as it has been seen."""

    def __init__(self):
        self.next_ns, self.nr = 0, 0
        self.bodies, self.once = {}, {}

    def sent(self, message):
        """What is wrong with the message's Ns."""
        ahead = (message.ns - self.next_ns) % SEQUENCE
        if message.kind is None:
            # An acknowledgement has the Ns that comes next, and uses none up.
            return [f"an acknowledgement with this Ns when {self.next_ns} is next"] if ahead else []
        wrong = []
        body = message.payload[:20] + message.payload[24:]  # all but Nr, which is as new as the transmission
        if self.bodies.setdefault(message.ns, body) != body:
            wrong.append("another message had this Ns before")
        if ahead < SEQUENCE // 2:
            if ahead:
                wrong.append(f"out of order, Ns {self.next_ns} was next")
            self.next_ns = (message.ns + 1) % SEQUENCE
            self.bodies.pop((message.ns - SEQUENCE // 2) % SEQUENCE, None)
        # An ICRQ goes to session 0; what tells the call is the id that it assigns.
        call = (message.kind, message.assigned_session if message.kind == 10 else message.session)
        if message.kind in ONCE and self.once.setdefault(call, message.ns) != message.ns:
            wrong.append(f"sent twice, with Ns {self.once[call]} before")
        return wrong

    def assigns(self, message):
        """Whether it tells the other end, for the first time, the id of a session of its sender."""
        return message.kind in ASSIGNING and message.ns == self.next_ns

    def begin_call(self, session):
        """What was sent to a former session of this id is forgotten."""
        self.once = {call: ns for call, ns in self.once.items() if call[0] in ASSIGNING or call[1] != session}

    def acknowledged(self, message, back):
        """What is wrong with the message's Nr: it never goes back, and never runs ahead of what the other has sent."""
        wrong = []
        if (message.nr - self.nr) % SEQUENCE >= SEQUENCE // 2:
            wrong.append(f"Nr went back from {self.nr}")
        else:
            self.nr = message.nr
        if 0 < (message.nr - back.next_ns) % SEQUENCE < SEQUENCE // 2:
            wrong.append("acknowledges what was never sent")
        return wrong
