"""tools/demo after set-up: compiles the tree, plays one demonstration, and says whether all went well."""

import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from build import PROGRAMS, BuildError, compile_tree
from failover_protocol import FailoverProtocol
from guest import GuestError
from lab import Lab, LabError
from lac_failover import LacFailover
from silent_failover import SilentFailover

DEMOS = {"silent-failover": SilentFailover, "lac": LacFailover, "failover-protocol": FailoverProtocol}


def main(name):
    began = time.monotonic()

    def say(text):
        print(f"demo: [{time.monotonic() - began:5.1f} s] {text}", flush=True)

    compile_tree("build", say, PROGRAMS)
    with Lab(name, DEMOS[name].NAMESPACES) as lab:
        play = DEMOS[name](lab, say)
        try:
            wrong = play.play()
        except (LabError, GuestError) as error:
            say(f"stopped: {error}")
            print(play.scene.logs())
            wrong = [str(error).splitlines()[0]]
    print()
    if wrong:
        print("What went wrong:")
        print("\n".join(f"  {sentence}" for sentence in wrong))
        print(f"The capture and the logs are in {lab.folder}.")
        return 1
    say("all went well")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1]))
    except (BuildError, LabError) as error:
        sys.exit(f"demo: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
