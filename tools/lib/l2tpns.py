"""Debian's l2tpns, an LNS in user space with a TUN device, in a namespace. It asks RADIUS about every user."""

import os
import signal

from lab import wait_until

CONFIGURATION = """\
set debug 3
set hostname "lns"
set l2tp_secret "{secret}"
set bind_address {address}
set iftun_address {inside}
set peer_address {inside}
set cli_bind_address 127.0.0.1
set primary_radius 127.0.0.1
set primary_radius_port 1812
set radius_secret "{radius_secret}"
set radius_accounting yes
set radius_authtypes "{authentication}"
set echo_timeout 1
set idle_echo_timeout 6
set send_garp no
set cluster_interface {cluster}
set cluster_hb_interval 2
set cluster_hb_timeout 10
load plugin "sessionctl"
"""


class L2tpns:
    """address: where LACs dial; inside: the LNS's end of its subscribers' links; cluster: a device without peers of the
    kind. The LNS waits there for other members before it serves."""

    def __init__(self, lab, namespace, secret, radius_secret, address, inside, pool, cluster,
                 authentication="chap,pap"):
        self.namespace = namespace
        folder = lab.folder / "l2tpns"
        folder.mkdir()
        (folder / "startup-config").write_text(CONFIGURATION.format(
            secret=secret, radius_secret=radius_secret, address=address, inside=inside, cluster=cluster,
            authentication=authentication))
        (folder / "ip_pool").write_text(f"{pool}\n")
        (folder / "users").write_text("")
        # The names of its files are compiled in, so it sees our folder in the place of its own.
        self.process = lab.start("l2tpns", "unshare", "--mount", "sh", "-c",
                                 f"mount --bind {folder} /etc/l2tpns && exec l2tpns", namespace=namespace)
        wait_until("l2tpns", self._serves)

    def hang_up(self, user):
        self.namespace.run("nsctl", "drop", user)

    def shut_down(self):
        """Takes leave of every subscriber and LAC, and ends."""
        os.kill(self.process.pid, signal.SIGQUIT)

    def _serves(self):
        self.process.expect_alive()
        return "aster" in self.process.log.read_text(errors="replace")
