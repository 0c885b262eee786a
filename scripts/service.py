"""Tries out what `larkimg serve` promises, each case with an emulator, a store and a service of its own.

Started by scripts/service. Prints what was found, a line or a table a case; the exit status is 1 when a bar is missed.
"""

import argparse
import subprocess
import sys

import service_access
import service_bench
import service_events
import service_fuzz
import service_life
import service_load
import service_page
import service_wire
from service_site import Bars, Failure

CASES = {
    "events": service_events.events,
    "matrix": service_access.matrix,
    "timing": service_access.timing,
    "slow": service_load.slow,
    "kill": service_life.kill,
    "drain": service_life.drain,
    "bodies": service_load.bodies,
    "wire": service_wire.wire,
    "fuzz": service_fuzz.fuzz,
    "page": service_page.page,
    "bench": service_bench.bench,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--emulator", required=True)
    parser.add_argument("--only", action="append", choices=CASES)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()

    missed = 0
    for name in options.only or [name for name in CASES if name != "bench"]:
        bars = Bars(name)
        try:
            CASES[name](options, bars)
        except Failure as failure:
            bars.hold(False, f"{failure}")
        except (OSError, EOFError, subprocess.SubprocessError) as error:
            bars.hold(False, f"{type(error).__name__}: {error}")
        missed += bars.missed
    print("service: all bars held" if missed == 0 else f"service: {missed} bars missed")
    sys.exit(missed != 0)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
