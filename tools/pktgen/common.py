"""What the commands of this folder share: the words that say which sessions there are."""

import argparse
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/bench.d/lib"))

import captures


class Wrong(Exception):
    """What was asked for can't be done; the message says what to do."""


def arguments(text):
    """A parser of what all commands take. text: what --help prints."""
    class Parser(argparse.ArgumentParser):
        def format_help(self):
            return text.strip() + "\n"

    options = Parser(usage=re.search(r"Usage: ([^\n]*)", text)[1] + " (see --help)")
    options.add_argument("case", choices=captures.MAKERS)
    options.add_argument("--tunnels", type=int, default=1)
    options.add_argument("--sessions", type=int, default=1024)
    options.add_argument("--inner", type=int, choices=(4, 6), default=4)
    options.add_argument("--outer", type=int, choices=(4, 6), default=4)
    options.add_argument("--max-sessions", type=int)
    return options


def sessions_of(chosen):
    """All sessions, and the bits of a tunnel id by which the dataplane chooses a bank for them."""
    count = chosen.tunnels * chosen.sessions
    if chosen.tunnels < 1 or chosen.sessions < 1 or count > captures.BANK_SESSIONS << 8:
        raise Wrong(f"{chosen.tunnels} tunnels with {chosen.sessions} sessions each: none, or too many")
    room = chosen.max_sessions or count
    if room < count:
        raise Wrong(f"{count} sessions do not fit into a dataplane with --max-sessions {room}")
    bits = captures.bank_bits(room)
    try:
        return captures.all_sessions(chosen.tunnels, chosen.sessions, bits), bits
    except ValueError as error:
        raise Wrong(f"{error}; give holdfast-dataplane and this command a larger --max-sessions") from None


def mac(text):
    if not re.fullmatch(r"[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}", text):
        raise Wrong(f"'{text}' is no MAC address")
    return bytes.fromhex(text.replace(":", ""))
