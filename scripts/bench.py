"""Compares larkimg with other programs and prints a table of medians.

Started by scripts/bench, which starts the servers and creates the store. Programs that are compared take turns, each run
writes into an empty directory, and its files are verified; the first run that fails ends the benchmark.
"""

import argparse
import base64
import contextlib
import functools
import hashlib
import itertools
import json
import os
import pathlib
import platform
import random
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from typing import NamedTuple

IMAGE_SIZE = 200_000
SAMPLE = 50  # Files whose content is verified after each run; of the others, names and sizes are.
TENANTS = 10, 100_000
ROUND_TRIPS = 0, 0.03, 0.2
QUOTA_PROCESSES, QUOTA_IMAGES, QUOTA_RATE = 4, 250, 50

# Times a command. The peak memory that Linux reports for a process includes that of its parent at the fork, so the parent
# is small: some 8 MB, less than any program whose memory is compared.
LAUNCHER = """
import os, sys, time
no_output = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
start = time.perf_counter()
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=no_output)
_, status, usage = os.wait4(child, 0)
print(time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)
sys.exit(os.waitstatus_to_exitcode(status))
"""

# A program that gets the token from `larkimg exec`.
SDK_PROGRAM = """
import os, sys
import lark_oapi as lark
from lark_oapi.api.im.v1 import GetImageRequest
client = lark.Client.builder().domain(os.environ["LARK_HOST"]).enable_set_token(True).build()
option = lark.RequestOption.builder().tenant_access_token(os.environ["LARK_TENANT_ACCESS_TOKEN"]).build()
answer = client.im.v1.image.get(GetImageRequest.builder().image_key(sys.argv[1]).build(), option)
open(sys.argv[2], "wb").write(answer.file.read())
"""

WRK_SCRIPT = """
local secret = os.getenv("WRK_SECRET")
if secret then
    wrk.method, wrk.body = "POST", "{}"
    wrk.headers["Content-Type"], wrk.headers["Authorization"] = "application/json", "Bearer " .. secret
end
done = function(summary, latency, requests)
    local errors = summary.errors
    io.write(string.format("result %d %d %d %d\\n", summary.requests, summary.duration, latency:percentile(99),
        errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"""


class Usage(NamedTuple):
    """The resources of a process; synced is the time until its files were on the disk."""

    seconds: float
    cpu: float
    memory: float  # Bytes.
    synced: float


class Row(NamedTuple):
    """A line of the table: a median of larkimg and one of another program."""

    measure: str
    value: float
    beside: str
    other: float


def run(command, environment):
    """Runs a command that must succeed."""
    done = subprocess.run(
        [sys.executable, "-ISc", LAUNCHER, *command], env=environment, stdin=subprocess.DEVNULL, capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        sys.exit(f"bench: {command}: status {done.returncode}\n{done.stderr[-1000:]}")
    seconds, cpu, memory = map(float, done.stdout.split())
    return Usage(seconds, cpu, memory, seconds)


def alternate(runs, rounds, dropped):
    """Calls each of the named functions once a round, in another order each time; returns their results by name."""
    results = {name: [] for name in runs}
    order = list(runs)
    for turn in range(dropped + rounds):
        for name in order:
            result = runs[name]()
            if turn >= dropped:
                results[name].append(result)
        order.append(order.pop(0))
    return results


def median(usages, field):
    return statistics.median(getattr(usage, field) for usage in usages)


class Bench:
    """The parts of the benchmark; each yields rows of the table."""

    def __init__(self, options):
        self.options, self.scratch, self.out = options, options.scratch, options.scratch / "out"
        self.authority = self.scratch / "ca.pem"
        self.store = pathlib.Path(os.environ["LARKIMG_STORE"])
        self.environment = dict(os.environ, SSL_CERT_FILE=str(self.authority))
        self.token = subprocess.check_output(["larkimg", "token"], env=self.environment, text=True).strip()
        self.keys, self.digests, self.turns = [], {}, itertools.count()
        for number in range(options.images if options.only in (None, "bulk") else 1):
            image, key = b"\x89PNG\r\n\x1a\n" + os.urandom(IMAGE_SIZE - 8), f"img_v3_bench_{number:06}"
            (self.scratch / "site/open-apis/im/v1/images" / key).write_bytes(image)
            self.keys.append(key)
            self.digests[key] = hashlib.sha256(image).digest()

    def url(self, key):
        return f"{self.options.images_at}/open-apis/im/v1/images/{key}"

    def write(self, name, text):
        (self.scratch / name).write_text(text)
        return self.scratch / name

    def fetch(self, command, keys, environment=None):
        """A function that runs a command, which must write the images of these keys."""

        def fetch():
            # Not deleted: ext4 does not reuse the inodes of deleted files for some seconds, and looks at each of them for
            # every new file meanwhile, which took half of the time of all programs.
            if self.out.exists():
                self.out.rename(self.scratch / f"out.{next(self.turns)}")
            self.out.mkdir()
            os.sync()  # So that no run pays for the unwritten data of another.
            usage = run(command, environment or self.environment)
            start = time.perf_counter()
            os.sync()
            synced = usage.seconds + time.perf_counter() - start
            sizes = {entry.name: entry.stat().st_size for entry in os.scandir(self.out)}
            is_right = sizes == {f"{key}.png": IMAGE_SIZE for key in keys} and all(
                hashlib.sha256((self.out / f"{key}.png").read_bytes()).digest() == self.digests[key]
                for key in random.sample(keys, min(SAMPLE, len(keys)))
            )
            if not is_right:
                sys.exit(f"bench: {command}: the files differ from the server's")
            return usage._replace(synced=synced)

        return fetch

    def time(self, what, larkimg, beside, other, fields=(("ms", "seconds"),)):
        """Rows of how long two processes take."""
        usages = alternate({"larkimg": larkimg, beside: other}, self.options.runs, dropped=3)
        for unit, field in fields:
            yield Row(
                f"{what}: {unit}", median(usages["larkimg"], field) * 1000, beside, median(usages[beside], field) * 1000)

    def larkimg_fetch(self, key):
        return self.fetch(["larkimg", "fetch", "-d", self.out, key], [key])

    def larkimg_token(self, store):
        return functools.partial(run, ["larkimg", "token"], dict(self.environment, LARKIMG_STORE=str(store)))

    # The parts.

    def bulk(self):
        jobs, keys = self.options.jobs, self.keys
        header = f"Authorization: Bearer {self.token}"
        listed = self.write("bulk.keys", "".join(f"{key}\n" for key in keys))
        curl_config = self.write(
            "bulk.curl",
            # As the other two; with HTTP/2, its default, it was slower here.
            f'http1.1\nheader = "{header}"\ncacert = "{self.authority}"\nfail\nno-progress-meter\n'
            + "".join(f'url = "{self.url(key)}"\noutput = "{self.out}/{key}.png"\n' for key in keys),
        )
        aria2_config = self.write(
            "bulk.aria2.conf",
            f"header={header}\nca-certificate={self.authority}\nquiet=true\nfile-allocation=none\n"
            f"max-concurrent-downloads={jobs}\nmax-connection-per-server=1\nsplit=1\ndir={self.out}\n",
        )
        aria2_list = self.write("bulk.aria2", "".join(f"{self.url(key)}\n  out={key}.png\n" for key in keys))
        commands = {
            "larkimg": ["larkimg", "fetch", "-i", listed, "-d", self.out, "--jobs", str(jobs), "--quiet"],
            "curl": ["curl", "-q", "--parallel", "--parallel-max", str(jobs), "-K", curl_config],
            "aria2c": ["aria2c", f"--conf-path={aria2_config}", "-i", aria2_list],
        }
        usages = alternate(
            {name: self.fetch(command, keys) for name, command in commands.items()}, self.options.rounds, dropped=1)
        measures = {
            "images/s": {name: len(keys) / median(usages[name], "seconds") for name in commands},
            # larkimg and aria2c write durably by themselves, curl does not.
            "images/s, then sync": {name: len(keys) / median(usages[name], "synced") for name in commands},
            "CPU seconds": {name: median(usages[name], "cpu") for name in commands},
            "peak memory, MB": {name: median(usages[name], "memory") / 1e6 for name in commands},
        }
        title = f"{len(keys):,} images of {IMAGE_SIZE // 1000} kB, {jobs} at a time"
        plot = pathlib.Path(os.environ.get("OLDPWD", ".")) / self.options.svg
        plot.write_text(drawing(f"{title}: medians of {self.options.rounds} rounds", measures))
        print(f"wrote the plot to {plot}", file=sys.stderr)
        for measure, values in measures.items():
            for beside in ("curl", "aria2c"):
                yield Row(f"{title}: {measure}", values["larkimg"], beside, values[beside])

    def single(self):
        key, cache = self.keys[0], self.scratch / "cache.sqlite"
        with contextlib.closing(sqlite3.connect(cache)) as database, database:
            database.execute("CREATE TABLE token (tenant TEXT PRIMARY KEY, token TEXT, expires_at INTEGER)")
            database.execute("INSERT INTO token VALUES ('acme', ?, unixepoch() + 7200)", [self.token])
        script = (
            f"sqlite3 {cache} \"SELECT 'Authorization: Bearer ' || token FROM token"
            " WHERE tenant = 'acme' AND expires_at > unixepoch()\" |"
            f" curl -qfsS --cacert {self.authority} -H @- -o {self.out}/{key}.png {self.url(key)}"
        )
        beside = self.fetch(["sh", "-c", script], [key])
        fields = ("ms", "seconds"), ("ms, then sync", "synced")  # larkimg writes durably by itself, curl does not.
        return self.time("fetch of one image", self.larkimg_fetch(key), "sh: sqlite3 | curl", beside, fields)

    def token_read(self):
        select = functools.partial(run, ["sqlite3", self.store, "SELECT count(*) FROM token"], self.environment)
        return self.time("token, cached", self.larkimg_token(self.store), "sqlite3, one SELECT", select)

    def sdk(self):
        key, program = self.keys[0], self.write("sdk.py", SDK_PROGRAM)
        environment = dict(
            self.environment, LARK_HOST=self.options.images_at, LARK_TENANT_ACCESS_TOKEN=self.token,
            REQUESTS_CA_BUNDLE=str(self.authority),
        )
        beside = self.fetch([sys.executable, program, key, self.out / f"{key}.png"], [key], environment)
        return self.time("fetch of one image", self.larkimg_fetch(key), "Python with lark-oapi", beside)

    def stores(self):
        few, many = TENANTS
        return self.time(
            f"token, cached, of one of {many:,} tenants", self.larkimg_token(self.filled_store(many)),
            f"of one of {few:,}", self.larkimg_token(self.filled_store(few)),
        )

    def filled_store(self, tenants):
        """A copy of the store with that many tenants: copies of acme under other names."""
        store = self.scratch / f"store-{tenants}" / "store.sqlite"
        store.parent.mkdir(mode=0o700)
        store.touch(0o600)
        apps = random.sample(range(1, 1 << 62), tenants - 1)
        with contextlib.closing(sqlite3.connect(store)) as database:
            with contextlib.closing(sqlite3.connect(self.store)) as original:
                original.backup(database)
            acme = database.execute("SELECT app FROM tenant WHERE name = 'acme'").fetchone()[0]
            changes = {
                "app": ("id", ({"id": app, "app_id": f"cli_{app}"} for app in apps)),
                "tenant": ("app", ({"name": f"tenant-{app}", "app": app} for app in apps)),
                "token": ("app", ({"app": app} for app in apps)),
            }
            with database:
                for table, (key, rows) in changes.items():
                    cursor = database.execute(f"SELECT * FROM {table} WHERE {key} = ?", [acme])
                    names = [column[0] for column in cursor.description]
                    pattern = dict(zip(names, cursor.fetchone()))
                    insert = f"INSERT INTO {table} VALUES ({', '.join(f':{name}' for name in names)})"
                    database.executemany(insert, ({**pattern, **row} for row in rows))
        return store

    def control(self, command):
        request = urllib.request.Request(f"{self.options.emulator}/_emulator/faults", json.dumps(command).encode())
        return json.load(urllib.request.urlopen(request))["data"]

    def quota(self):
        """How much of a rate limit several processes use together, at several round-trip times that vary by image."""
        image = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(2000)).decode()
        for round_trip in ROUND_TRIPS:
            self.control({"clear": True, "clear_journal": True})
            names = []
            for number in range(QUOTA_PROCESSES):
                seed = {"seed_image": {"app_id": "cli_quota", "base64": image}}
                keys = [self.control(seed)["image_key"] for _ in range(QUOTA_IMAGES)]
                names.append(self.write(f"quota.{number}", "\n".join(keys)))
                delays = [
                    {
                        "match": {"api": "images.get", "key": key}, "times": "always",
                        "actions": [{"delay": {"seconds": round_trip * random.uniform(0.8, 1.5)}}],
                    }
                    for key in keys
                ]
                self.control({"add": delays if round_trip else []})
            time.sleep(60)  # Until the windows of the previous round have ended.
            start = time.monotonic()
            command = ["larkimg", "fetch", "-q", "--tenant", "quota", "-d", self.scratch / f"quota-{round_trip}", "-i"]
            runs = [subprocess.Popen([*command, name], stdout=subprocess.DEVNULL) for name in names]
            if any(run.wait() for run in runs):
                sys.exit("bench: a run at the quota failed")
            seconds = time.monotonic() - start - round_trip
            journal = json.load(urllib.request.urlopen(f"{self.options.emulator}/_emulator/journal?api=images.get"))
            refused = sum(entry["status"] != 200 for entry in journal["entries"])
            count = QUOTA_PROCESSES * QUOTA_IMAGES
            what = f"{QUOTA_PROCESSES} processes, {count:,} images, {round_trip * 1000:.0f} ms away, {refused} refused"
            yield Row(f"{what}: images/s", count / seconds, "the quota", QUOTA_RATE)

    def serve(self):
        """Cached tokens per second, compared with nginx and a file of the same size."""
        target = f"{self.options.service}/v1/tenants/quota/token"
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {os.environ['BENCH_SECRET']}"}
        body = urllib.request.urlopen(urllib.request.Request(target, b"{}", headers)).read()
        (self.scratch / "site/token.json").write_bytes(body)
        script = self.write("wrk.lua", WRK_SCRIPT)

        def load(address, **environment):
            command = ["wrk", "-t", "2", "-c", "64", "-d", "5s", "-s", script, address]
            done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True)
            result = re.search(r"^result (\d+) (\d+) (\d+) 0$", done.stdout, re.MULTILINE)
            if not result:
                sys.exit(f"bench: wrk: {done.stdout}{done.stderr}")
            requests, microseconds, p99 = map(int, result.groups())
            return requests / microseconds * 1e6, p99 / 1e3

        results = alternate(
            {
                "larkimg": functools.partial(load, target, WRK_SECRET=os.environ["BENCH_SECRET"]),
                "nginx": functools.partial(load, f"{self.options.plain_at}/token.json"),
            },
            self.options.rounds, dropped=1,
        )
        rates, waits = ([[value[part] for value in results[name]] for name in results] for part in (0, 1))
        for what, values in {"tokens/s": rates, "p99, ms": waits}.items():
            larkimg, nginx = map(statistics.median, values)
            yield Row(f"serve, 64 connections: {what}", larkimg, "nginx, a file", nginx)


def version(program):
    words = subprocess.check_output([program, "--version"], text=True).split()
    return f"{program} {next(word for word in words if word[0].isdigit())}"


def figure(value):
    return f"{value:,.0f}" if value >= 1000 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def drawing(title, measures):
    """An SVG of bars, in colours that are visible on white and on black."""
    left, right, top = 70, 560, 24
    shapes = [f'<text x="0" y="{top}" font-size="15" font-weight="600">{title}</text>']
    for measure, values in measures.items():
        better = "more" if measure.startswith("images/s") else "less"
        top += 38
        shapes.append(f'<text x="0" y="{top}" font-weight="600">{measure} ({better} is better)</text>')
        top += 10
        for name, value in values.items():
            width = (right - left) * value / max(values.values())
            colour = "#2f81f7" if name == "larkimg" else "#a0a0a0"
            shapes.append(f'<text x="{left - 8}" y="{top + 15}" text-anchor="end">{name}</text>')
            shapes.append(f'<rect x="{left}" y="{top}" width="{width:.1f}" height="20" rx="2" fill="{colour}"/>')
            shapes.append(f'<text x="{left + width + 8:.0f}" y="{top + 15}">{figure(value)}</text>')
            top += 26
    size = f'viewBox="0 0 640 {top + 6}" width="640" height="{top + 6}"'
    style = 'font-family="system-ui, sans-serif" font-size="13" fill="#767676" role="img"'
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style} aria-label="{title}">', *shapes, "</svg>\n"])


PARTS = {
    "bulk": Bench.bulk, "single": Bench.single, "token": Bench.token_read, "sdk": Bench.sdk, "stores": Bench.stores,
    "quota": Bench.quota, "serve": Bench.serve,
}


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__.partition("\n")[0])
    parser.add_argument("--only", choices=PARTS, help="one part instead of all")
    parser.add_argument("--rounds", type=int, default=5, help="how often a list is fetched by each program")
    parser.add_argument("--runs", type=int, default=40, help="how often a process is timed")
    parser.add_argument("--jobs", type=int, default=32, help="requests in flight at a time in a list")
    parser.add_argument("--images", type=int, default=2000, help="images in a list")
    parser.add_argument("--svg", default=".build/bench.svg", help="a file for a plot of the part bulk")
    parser.add_argument("--check", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--scratch", type=pathlib.Path, help=argparse.SUPPRESS)
    for name in ("--images-at", "--plain-at", "--emulator", "--service"):
        parser.add_argument(name, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.check:
        return
    bench = Bench(options)
    print(f"{os.cpu_count()} cores, Linux {platform.release()}, {', '.join(map(version, ('curl', 'aria2c', 'sqlite3')))}")
    for part in [options.only] if options.only else PARTS:
        for row in PARTS[part](bench):
            print(
                f"{row.measure:70} {figure(row.value):>9}  {row.beside:22} {figure(row.other):>9}"
                f"  {row.value / row.other:.3g}", flush=True)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
