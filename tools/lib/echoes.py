"""Pings as they pass on the wire between LAC and LNS: which requests went up without a reply coming down. What ping
misses beyond that was lost inside the LAC's own machine, after the LNS had delivered it."""

from dataclasses import dataclass

from lab import run

FIELDS = ("frame.time_epoch", "icmp.type", "icmp.ident", "icmp.seq", "icmpv6.type", "icmpv6.echo.identifier",
          "icmpv6.echo.sequence_number")
REQUEST, REPLY = {"8", "128"}, {"0", "129"}


@dataclass(frozen=True)
class Echo:
    time: float
    request: bool
    key: tuple  # family, identifier, sequence number


def from_fields(values):
    """None for what is neither request nor reply."""
    when, type4, ident4, seq4, type6, ident6, seq6 = values
    kind, key = (type4, (4, ident4, seq4)) if type4 else (type6, (6, ident6, seq6))
    return Echo(float(when), kind in REQUEST, key) if kind in REQUEST | REPLY else None


def read(path):
    command = ["tshark", "-r", path, "-Y", "icmp || icmpv6", "-T", "fields", "-E", "occurrence=l"]
    for name in FIELDS:
        command += ["-e", name]
    found = []
    for line in run(*command, timeout=300).splitlines():
        values = line.split("\t")
        if len(values) == len(FIELDS) and values[0].replace(".", "").isdigit():  # not a remark of tshark's
            found.append(from_fields(values))
    return [echo for echo in found if echo]


def unanswered(echoes, start=0.0, end=float("inf")):
    """How many requests passed between two moments and were not answered at any time."""
    answered = {echo.key for echo in echoes if not echo.request}
    asked = {echo.key for echo in echoes if echo.request and start <= echo.time < end}
    return len(asked - answered)


def dropped_between(near, far):
    """How many requests passed the near wire and not the far one, and how many replies the far one and not the near:
    what the machine between them did not forward."""
    def keys(echoes, request):
        return {echo.key for echo in echoes if echo.request is request}
    return len(keys(near, True) - keys(far, True)), len(keys(far, False) - keys(near, False))
