"""The cases kill and drain: services that end, at once or in order, and what their clients notice of it."""

import itertools
import random
import re
import signal
import subprocess
import threading
import time
from collections import Counter

from service_http import Connection, CutShort, Unanswered, token_request
from service_site import NO_LIMIT, Failure, custom_apps, site

TENANTS = "acme", "bell", "cord", "dell"
KILLS = 20
PROGRAMS = 8
LONGEST_START = 1.0

REQUESTS = 10_000
CONNECTIONS = 16
DRAINS = 3


# Killed services.


def refuse_second(bars, home, first, path):
    """Another service in the place of the first must say so and leave it unharmed."""
    other = {"LARKIMG_STORE": f"{home.folder}/other/store.sqlite", "LARKIMG_KEY_FILE": f"{home.folder}/other/key"}
    command = [home.binary, "tenant", "add", "x", "--app-id", "cli_x", "--app-secret-file", "-", "--no-verify"]
    subprocess.run(command, input=b"secret", env=home.environment | other, check=True, stdout=subprocess.DEVNULL)
    seconds = {
        "the same once more": (path, {}),
        "another store on the socket": (path, other),
        "another socket on the store": (f"{path}.2", {}),
    }
    for name, (socket, environment) in seconds.items():
        try:
            done = subprocess.run(
                home.serve_command("--socket", socket), env=home.environment | environment,
                capture_output=True, text=True, timeout=20,
            )
            status, words = done.returncode, " ".join(done.stderr.split("\n")[:1])
        except subprocess.TimeoutExpired:
            status, words = 0, "it runs"
        unharmed = first.process.poll() is None and first.answers()
        bars.hold(
            status != 0 and re.search(r"(another|already).*running", words) and unharmed,
            f"{name}: status {status}, '{words}'; the first {'answers' if unharmed else 'is gone'}",
        )


def settle(service):
    """Asks for a token of each tenant, so that no renewal is left to do."""
    for tenant in TENANTS:
        with Connection(service.address) as connection:
            reply = connection.ask(token_request(tenant, service.host))
        if reply.status != 200:
            raise Failure(f"{tenant}: no token: {reply.status} {reply.body[:200]}")


def kill(options, bars):
    rounds = options.rounds or KILLS
    draw = random.Random(options.seed)
    with site(options, *custom_apps(f"cli_{name}" for name in TENANTS)) as home:
        for name in TENANTS:
            home.add_tenant(name, f"cli_{name}")
        path = f"{home.folder}/service"
        service = home.serve(*NO_LIMIT, socket=path)
        refuse_second(bars, home, service, path)

        over, statuses, longest, complaints = threading.Event(), Counter(), [0.0], []
        # Of the store the programs know nothing.
        environment = home.environment | {"LARKIMG_STORE": f"{home.folder}/none/store.sqlite"}

        def work():
            for tenant in itertools.cycle(TENANTS):
                if over.is_set():
                    return
                start = time.monotonic()
                done = subprocess.run(
                    [home.binary, "token", "--tenant", tenant, "--auth-service", f"unix://{path}"],
                    env=environment, capture_output=True, text=True,
                )
                longest[0] = max(longest[0], time.monotonic() - start)
                statuses[done.returncode] += 1
                if done.returncode != 0:
                    complaints.append(done.stderr.strip())

        threads = [threading.Thread(target=work) for _ in range(PROGRAMS)]
        for thread in threads:
            thread.start()
        generations, excuses, starts = 1, 0, []
        try:
            for number in range(rounds):
                settle(service)
                for name in TENANTS:
                    home.renew_tenant(name)
                generations += 1
                if number % 2 == 0:
                    settle(service)
                else:
                    excuses += len(TENANTS)  # A call whose answer died with the service is made again.
                time.sleep(draw.uniform(0, 0.5))
                service.end(signal.SIGKILL)
                service = home.serve(*NO_LIMIT, socket=path)
                starts.append(service.seconds)
            settle(service)
        finally:
            over.set()
            for thread in threads:
                thread.join()

        starts.sort()
        bars.hold(
            starts[-1] < LONGEST_START,
            f"{rounds} kills; starts: median {starts[len(starts) // 2]:.2f} s, longest {starts[-1]:.2f} s",
        )
        failed = statuses.total() - statuses[0]
        bars.hold(
            failed == 0,
            f"{statuses.total():,} programs asked for tokens, failed {failed}; the longest took {longest[0]:.2f} s"
            + "".join(f"; {complaint}" for complaint in sorted(set(complaints))[:3]),
        )
        with open(f"{home.folder}/audit.log") as log:
            given = sum('"result":"given"' in line for line in log)
        bars.hold(given >= statuses[0], f"lines of the audit log for tokens given: {given:,}, tokens that came: {statuses[0]:,}")
        calls, planned = home.token_calls(), len(TENANTS) * generations
        bars.hold(
            calls <= planned + excuses,
            f"calls for a token: {calls}; {planned} tokens were due, {excuses // len(TENANTS)} kills met renewals",
        )
        home.larkimg("store", "check")


# Services that are told to end.


class Drained:
    """Many clients on one socket, each with a connection that it keeps."""

    def __init__(self, path):
        self.path = path
        self.numbers = iter(range(REQUESTS))
        self.results = Counter()
        self.broken = []
        self.done = self.again = 0
        self.lock = threading.Lock()

    def work(self):
        connection = None
        raw = token_request("acme", "localhost")
        while self.take():
            while True:
                try:
                    connection = connection or Connection(self.path)
                except (ConnectionRefusedError, ConnectionResetError, FileNotFoundError):
                    time.sleep(0.01)  # Between two services.
                    continue
                try:
                    reply = connection.ask(raw)
                except (BrokenPipeError, ConnectionResetError):
                    # On a socket of this machine that says that nobody read the request.
                    connection = None
                    self.count(again=1)
                    continue
                except (CutShort, Unanswered) as error:
                    connection = None
                    self.count(broken=error)
                    break
                self.count(status=reply.status)
                if reply.closes:
                    connection.close()
                    connection = None
                break

    def take(self):
        with self.lock:
            return next(self.numbers, None) is not None

    def count(self, status=None, broken=None, again=0):
        with self.lock:
            self.again += again
            if broken:
                self.broken.append(f"{type(broken).__name__}: {broken}")
            elif status:
                self.results[status] += 1
            self.done += not again


def drain(options, bars):
    late = [f"late{number}" for number in range(DRAINS)]
    with site(options, *custom_apps(f"cli_{name}" for name in ["acme", *late])) as home:
        for name in ["acme", *late]:
            home.add_tenant(name, f"cli_{name}")
        path = f"{home.folder}/service"
        service = home.serve(*NO_LIMIT, socket=path)
        clients = Drained(path)
        threads = [threading.Thread(target=clients.work, daemon=True) for _ in range(CONNECTIONS)]
        for thread in threads:
            thread.start()
        waited = []

        def ask_late(name):
            try:
                with Connection(path) as connection:
                    waited.append(connection.ask(token_request(name, "localhost")).status)
            except (OSError, EOFError) as error:
                waited.append(type(error).__name__)

        endings = []
        for number, name in enumerate(late):
            home.wait_for(lambda: clients.done >= (number + 1) * REQUESTS // (DRAINS + 1), "requests", seconds=120)
            # One whose tenant's token is still on its way from the platform.
            home.control(add=[{"match": {"app_id": f"cli_{name}"}, "actions": [{"delay": {"seconds": 0.5}}]}])
            waiting = threading.Thread(target=ask_late, args=(name,))
            waiting.start()
            home.wait_for(lambda: f"cli_{name}" in {call.get("app_id") for call in home.journal()["entries"]}, name)
            start = time.monotonic()
            status = service.end(signal.SIGTERM)
            endings.append((status, time.monotonic() - start))
            service = home.serve(*NO_LIMIT, socket=path)
            waiting.join()
        for thread in threads:
            thread.join()
        bars.hold(
            not clients.broken and clients.results == {200: REQUESTS},
            f"{clients.done:,} requests over {CONNECTIONS} connections, broken {len(clients.broken)}, of status 200"
            f" {clients.results[200]:,}, sent again since nobody had read them {clients.again}"
            + "".join(f"; {text}" for text in sorted(set(clients.broken))),
        )
        bars.hold(waited == [200] * DRAINS, f"requests that waited for the platform: {', '.join(map(str, waited))}")
        bars.hold(
            all(status == 0 for status, _ in endings),
            "SIGTERM: " + ", ".join(f"status {status} after {seconds:.2f} s" for status, seconds in endings),
        )
