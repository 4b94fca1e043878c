"""Stock pppd with the kernel's PPPoE in a guest machine: the subscribers' end of the line."""

import re
import shlex

OPTIONS = """\
plugin pppoe.so
noauth
refuse-eap
refuse-mschap
refuse-mschap-v2
nomppe
noccp
nobsdcomp
nodeflate
noproxyarp
nodefaultroute
noipdefault
ipcp-accept-local
ipcp-accept-remote
lcp-echo-interval 2
lcp-echo-failure 5
maxfail 1
+ipv6
debug
nodetach
"""


class Cpe:
    """users: name -> password. Every dial is a pppd of its own on the device."""

    def __init__(self, guest, users, device="eth0"):
        self.guest, self.device = guest, device
        guest.write("/etc/ppp/chap-secrets", "".join(f"{user} * {password} *\n" for user, password in users.items()))
        guest.run("cp /etc/ppp/chap-secrets /etc/ppp/pap-secrets")
        guest.write("/etc/ppp/options", "")
        guest.run(f"ip link set {device} up")

    def begin_dial(self, user, unit, options=""):
        """Starts a pppd; its interface is pppUNIT and its log /run/pppUNIT.log."""
        file = f"/etc/ppp/ppp{unit}.options"
        self.guest.write(file, f"{OPTIONS}{options}name {user}\nlinkname ppp{unit}\nunit {unit}\n"
                               f"logfile /run/ppp{unit}.log\n{self.device}\n")
        self.guest.run(f"setsid pppd file {file} </dev/null >/dev/null 2>&1 &")
        return f"ppp{unit}"

    def wait_up(self, interface, timeout=60):
        """Waits for the interface to have its IPv4 address, and gives that."""
        output = self.guest.wait_for(f"ip -4 -o addr show dev {interface} | grep inet", timeout)
        return re.search(r"inet (\S+)", output)[1].split("/")[0]

    def dial(self, user, unit, options=""):
        return self.wait_up(self.begin_dial(user, unit, options))

    def log(self, interface):
        return self.guest.run(f"cat /run/{interface}.log 2>/dev/null", check=False).output

    def remarks(self, interface):
        """What pppd had to say besides the echoes that it sends and gets: a line more is something that it noticed."""
        return [line for line in self.log(interface).splitlines() if "EchoReq" not in line and "EchoRep" not in line]

    def running(self, interface):
        return self.guest.run(f"kill -0 $(head -n 1 /run/ppp-{interface}.pid)", check=False).status == 0

    def hang_up(self, interface):
        """As the user would: LCP is terminated. This pppd (2.4.9) sends no PADT."""
        self.guest.run(f"kill $(head -n 1 /run/ppp-{interface}.pid)")
        self.guest.wait_for(f"! test -e /run/ppp-{interface}.pid")

    def drop_line(self, interface):
        """As a modem would that loses its line: PPP ends without a word, and PADT is sent (RFC 2516 5.5)."""
        session, concentrator = re.findall(r"PPP session is (\d+)\nConnected to ([0-9a-f:]+)", self.log(interface))[-1]
        padt = f"11 a7 {int(session):04x} 0000"
        to = concentrator.replace(":", "")
        program = ("import socket; line = socket.socket(socket.AF_PACKET, socket.SOCK_RAW); "
                   f"line.bind(('{self.device}', 0)); "
                   f"line.send(bytes.fromhex('{to}') + line.getsockname()[4] + bytes.fromhex('8863 {padt}'))")
        self.guest.run(f"kill -9 $(head -n 1 /run/ppp-{interface}.pid) && python3 -c {shlex.quote(program)}")
