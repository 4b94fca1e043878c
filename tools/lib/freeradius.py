"""Debian's FreeRADIUS in a namespace, with a configuration of our own: a table of users. Its log is all that it keeps
of accounting."""

import re

from lab import wait_until

CONFIGURATION = """\
prefix = /usr
libdir = /usr/lib/freeradius
logdir = {folder}
run_dir = {folder}
security {{
  allow_vulnerable_openssl = yes
}}
client all {{
  ipaddr = 0.0.0.0/0
  secret = {secret}
}}
modules {{
  files {{
    filename = {folder}/users
  }}
  pap {{
  }}
  chap {{
  }}
  always ok {{
    rcode = ok
  }}
}}
server default {{
  listen {{
    type = auth
    ipaddr = {address}
    port = 1812
  }}
  listen {{
    type = acct
    ipaddr = {address}
    port = 1813
  }}
  authorize {{
    files
    chap
    pap
  }}
  authenticate {{
    Auth-Type PAP {{
      pap
    }}
    Auth-Type CHAP {{
      chap
    }}
  }}
  accounting {{
    ok
  }}
}}
"""


class FreeRadius:
    """users: name -> password."""

    def __init__(self, lab, namespace, users, secret, address="127.0.0.1"):
        folder = lab.folder / "freeradius"
        folder.mkdir()
        (folder / "users").write_text("".join(f'"{name}" Cleartext-Password := "{password}"\n'
                                              for name, password in users.items()))
        (folder / "radiusd.conf").write_text(CONFIGURATION.format(folder=folder, secret=secret, address=address))
        # In the foreground with one thread, and it says what it does with every request.
        self.process = lab.start("freeradius", "freeradius", "-X", "-d", folder, "-n", "radiusd", namespace=namespace)
        wait_until("FreeRADIUS", self._ready)

    def asked(self):
        """The requests so far in their order, each as attribute -> value."""
        requests = {}
        for number, name, value in re.findall(r'^\((\d+)\)   ([A-Z][\w-]+) = "?(.*?)"?$',
                                              self.process.log.read_text(errors="replace"), re.MULTILINE):
            requests.setdefault(int(number), {}).setdefault(name, value)
        return [requests[number] for number in sorted(requests)]

    def online(self):
        """Users whose accounting has begun and not ended."""
        users = []
        for request in self.asked():
            if request.get("Acct-Status-Type") == "Start":
                users.append(request["User-Name"])
            if request.get("Acct-Status-Type") == "Stop" and request["User-Name"] in users:
                users.remove(request["User-Name"])
        return set(users)

    def _ready(self):
        self.process.expect_alive()
        return "Ready to process requests" in self.process.tail()
