"""Stock xl2tpd and pppd in a guest machine, as the LAC that dials (with several calls in one tunnel) or as an LNS."""

import re

from .guest import GuestError

# What every pppd of the guest does; a call's user name and interface come with dial().
OPTIONS = """\
noauth
refuse-eap
refuse-mschap
refuse-mschap-v2
nomppe
noccp
nobsdcomp
nodeflate
mtu 1400
mru 1400
noproxyarp
nodefaultroute
noipdefault
ipcp-accept-local
ipcp-accept-remote
+ipv6
debug
"""


def _yes(condition):
    return "yes" if condition else "no"


class Xl2tpd:
    """One process. Several run in a guest when each has a name and an address of its own."""

    def __init__(self, guest, name="xl2tpd", address=None):
        self.guest, self.name, self.address = guest, name, address
        self.pipe = f"/run/xl2tpd/{name}-control"

    def _start(self, sections, secrets):
        listen = f"listen-addr = {self.address}\n" if self.address else ""
        files = f"/etc/xl2tpd/{self.name}"
        self.guest.write(f"{files}.conf", f"[global]\nport = 1701\n{listen}{sections}")
        self.guest.write(f"{files}.secrets", secrets)
        # A call that names only its tunnel has no section of its own, and xl2tpd 1.3.18 then reads two settings through
        # a null pointer. With page 0 readable, as on System V, they read as "no".
        self.guest.run(f"setarch --mmap-page-zero xl2tpd -D -c {files}.conf -s {files}.secrets -C {self.pipe} "
                       f"-p /run/{self.name}.pid >/run/{self.name}.log 2>&1 &")
        self.guest.wait_for(f"test -p {self.pipe}")

    def stop(self):
        """Ends xl2tpd, which sends StopCCN once for each tunnel, and every pppd of its own."""
        calls = self.guest.run(f"pgrep -d , -P $(cat /run/{self.name}.pid) pppd", check=False).output.strip()
        self.guest.run(f"kill $(cat /run/{self.name}.pid)", check=False)
        self.guest.wait_for(f"! test -e {self.pipe}" + (f" && ! ps -p {calls}" if calls else ""))

    def control(self, *words):
        answer = self.guest.run(f"xl2tpd-control -c {self.pipe} -d {' '.join(words)}").output
        if not re.search(r"^00 OK", answer, re.MULTILINE):
            raise GuestError(f"{self.guest.name}: xl2tpd-control {' '.join(words)}: {answer}")
        return answer

    def log(self):
        return self.guest.run(f"cat /run/{self.name}.log /run/messages").output


class Lac(Xl2tpd):
    """Dials one LNS. users: name -> password; tunnel_secret None: no tunnel authentication; hidden: hides AVPs;
    first: the number of its first call's interface."""

    def __init__(self, guest, lns, users, tunnel_secret=None, host_name="lac", hidden=False, first=0, **process):
        super().__init__(guest, **process)
        self.calls = first
        challenge = _yes(tunnel_secret)
        guest.write("/etc/ppp/chap-secrets", "".join(f"{user} * {password} *\n" for user, password in users.items()))
        guest.run("cp /etc/ppp/chap-secrets /etc/ppp/pap-secrets")
        self._start(f"[lac lns]\nlns = {lns}\nhostname = {host_name}\nchallenge = {challenge}\n"
                    f"hidden bit = {_yes(hidden)}\nautodial = no\nredial = no\n", f"* * {tunnel_secret or ''}\n")

    def tunnel(self):
        """xl2tpd's own id of the tunnel, None when there is none."""
        # While nothing but the section has opened it, there is at most one.
        found = re.search(r"ourtid (\d+)", self.control("available"))
        return found and found[1]

    def begin_dial(self, user):
        """Asks for one more call, in the tunnel that is there, if there is one. Gives the call's interface."""
        interface, self.calls = f"ppp{self.calls}", self.calls + 1
        self.guest.write("/etc/ppp/options", f"{OPTIONS}name {user}\nlinkname {user}\nunit {interface[3:]}\n")
        self.control("connect-lac", self.tunnel() or "lns")
        return interface

    def wait_up(self, interface, timeout=30):
        """Waits for the call's interface to have its IPv4 address, and gives that."""
        output = self.guest.wait_for(f"ip -4 -o addr show dev {interface} | grep inet", timeout)
        return re.search(r"inet (\S+)", output)[1].split("/")[0]

    def dial(self, user, timeout=30):
        interface = self.begin_dial(user)
        return interface, self.wait_up(interface, timeout)

    def hang_up(self, user):
        """Ends a call as its user would: pppd takes the link down and xl2tpd sends CDN."""
        self.guest.run(f"kill $(head -n 1 /run/ppp-{user}.pid)")

    def close_tunnel(self):
        self.control("disconnect-lac", "lns")


class Lns(Xl2tpd):
    """Answers LACs. users None: every call is taken, and no pppd sends before its peer does; tunnel_secret, hidden: as
    above."""

    def __init__(self, guest, users, tunnel_secret=None, local="10.99.0.1", pool="10.99.0.10-10.99.0.200",
                 hidden=False, **process):
        super().__init__(guest, **process)
        options = f"/etc/ppp/{self.name}.options"
        if users is None:
            guest.write(options, OPTIONS + "silent\n")
        else:
            guest.write("/etc/ppp/chap-secrets", "".join(f"{name} * {word} *\n" for name, word in users.items()))
            guest.write(options, OPTIONS.replace("noauth\n", "") + "require-chap\nms-dns 10.99.0.1\n")
        guest.write("/etc/ppp/options", "")
        self._start(f"[lns default]\nexclusive = no\nchallenge = {_yes(tunnel_secret)}\nhidden bit = {_yes(hidden)}\n"
                    f"require authentication = {_yes(users is not None)}\npppoptfile = {options}\n"
                    f"local ip = {local}\nip range = {pool}\n", f"* * {tunnel_secret or ''}\n")

    def calls(self):
        """The calls that were ever up, as (its own session id, the peer's)."""
        log = self.guest.run(f"cat /run/{self.name}.log").output
        return {(int(ours), int(theirs)) for ours, theirs in
                re.findall(r"Call established with .*Local: (\d+), Remote: (\d+), Serial", log)}
