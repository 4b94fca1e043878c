"""The synthetic LAC (tools/lac) as an object."""

from generator import Generator

# Of its status: what it must never count, whoever was killed.
FAULTS = ("sessions_lost", "sessions_failed", "tunnels_lost", "tunnels_failed", "renegotiations", "reused_ns",
          "answered_twice", "acks_of_unsent", "malformed", "misdelivered")


class LacGenerator(Generator):
    program = "lac-generator"
