"""PPPoE subscribers (tools/pppoe) as an object."""

from generator import Generator

# Of its status: what it must never count, whoever was killed.
FAULTS = ("failed", "lost", "renegotiations", "second_sessions", "malformed", "wrong_vlan", "misdelivered")


class PppoeGenerator(Generator):
    program = "pppoe-generator"

    def __init__(self, lab, namespace, interface, *options):
        """Where the access concentrator is reached: an Ethernet interface of the namespace, which must be up."""
        super().__init__(lab, namespace, "--interface", interface, *options)

    def report(self, timeout=60):
        """Ends it, after PADT for all sessions; what it reports at its end."""
        self.ask("quit", timeout)
        return self.wait_for("end", timeout)
