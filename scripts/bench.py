"""Measures larkimg beside other programs, prints a table of medians and draws the figures of the lists.

Started by scripts/bench, which makes the server, the store and the folder. Programs that are compared take turns, each
run writes into an empty folder, and what it wrote is looked at; the first run that fails ends everything.
"""

import argparse
import asyncio
import contextlib
import functools
import hashlib
import os
import pathlib
import platform
import random
import shlex
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from typing import NamedTuple

IMAGE_SIZE = 200_000
SAMPLE = 50  # Files of a list whose content is checked after each run; of the others, names and sizes.
DISTANT_IMAGES = 64
ROUND_TRIP = 0.1
TENANTS = 10, 100_000

# Times a command. The peak memory that Linux tells of a process includes that of the one it was forked from, so this
# one is small: some 8 MB, less than anything whose memory is compared.
LAUNCHER = """
import os, sys, time
no_output = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
start = time.perf_counter()
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=no_output)
_, status, usage = os.wait4(child, 0)
print(time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)
sys.exit(os.waitstatus_to_exitcode(status))
"""

# What a program does that has the token from `larkimg exec`.
SDK_PROGRAM = """
import os, sys
import lark_oapi as lark
from lark_oapi.api.im.v1 import GetImageRequest

client = lark.Client.builder().domain(os.environ["LARK_HOST"]).enable_set_token(True).build()
option = lark.RequestOption.builder().tenant_access_token(os.environ["LARK_TENANT_ACCESS_TOKEN"]).build()
answer = client.im.v1.image.get(GetImageRequest.builder().image_key(sys.argv[1]).build(), option)
with open(sys.argv[2], "wb") as file:
    file.write(answer.file.read())
"""


class Failure(Exception):
    """A run did not do what it is measured for."""


class Usage(NamedTuple):
    """What a process took; synced is the time until its files were on the disk."""

    seconds: float
    cpu: float
    memory: float  # Bytes.
    synced: float


class Row(NamedTuple):
    """A line of the table: a median of larkimg beside one of something else."""

    measure: str
    value: float
    beside: str
    other: float


def run(command, environment=None):
    """Runs a command that must succeed."""
    with tempfile.TemporaryFile() as errors:
        process = subprocess.run(
            [sys.executable, "-ISc", LAUNCHER, *command],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
        if process.returncode != 0:
            errors.seek(0)
            lines = errors.read().decode(errors="replace").splitlines()[-5:]
            raise Failure("\n".join([f"{shlex.join(map(str, command))}: status {process.returncode}", *lines]))
    seconds, cpu, memory = map(float, process.stdout.split())
    return Usage(seconds, cpu, memory, seconds)


def alternate(runs, rounds, dropped):
    """Calls each of the named functions once a round, in another order each time; gives their usages by name."""
    usages = {name: [] for name in runs}
    order = list(runs)
    for turn in range(dropped + rounds):
        for name in order:
            usage = runs[name]()
            if turn >= dropped:
                usages[name].append(usage)
        order.append(order.pop(0))
    return usages


def median(usages, field):
    return statistics.median(getattr(usage, field) for usage in usages)


class Distance:
    """A TCP proxy to a port of this machine that is a round trip away. Bytes only come late: there is no slow start,
    no loss and no limit of bandwidth, all of which a real distance adds."""

    def __init__(self, port):
        self.server_port = port
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        listening = asyncio.start_server(self.connect, "127.0.0.1", 0, backlog=1000)
        server = asyncio.run_coroutine_threadsafe(listening, self.loop).result()
        self.port = server.sockets[0].getsockname()[1]

    async def connect(self, from_client, to_client):
        # The kernel let the client in at once. From afar it would have sent nothing for the round trip of its SYN.
        established = self.loop.time() + ROUND_TRIP
        with contextlib.suppress(ConnectionError):
            from_server, to_server = await asyncio.open_connection("127.0.0.1", self.server_port)
            with contextlib.closing(to_client), contextlib.closing(to_server):
                await asyncio.gather(
                    self.carry(from_client, to_server, established), self.carry(from_server, to_client, established)
                )

    async def carry(self, reader, writer, established):
        under_way = asyncio.Queue()

        async def take():
            data = True
            while data:
                data = await reader.read(1 << 18)
                under_way.put_nowait((max(self.loop.time(), established) + ROUND_TRIP / 2, data))

        async def deliver():
            while True:
                arrival, data = await under_way.get()
                await asyncio.sleep(arrival - self.loop.time())
                if not data:
                    break
                writer.write(data)
            writer.write_eof()

        await asyncio.gather(take(), deliver())


class Bench:
    """The parts of the benchmark; each gives rows of the table."""

    def __init__(self, options):
        self.options = options
        self.folder = options.folder
        self.out = self.folder / "out"
        self.larkimg = self.folder / "larkimg"
        self.host = f"https://127.0.0.1:{options.port}"
        self.authority = self.folder / "ca.pem"
        self.store = pathlib.Path(os.environ["LARKIMG_STORE"])
        self.environment = dict(os.environ, SSL_CERT_FILE=str(self.authority))
        self.token = subprocess.check_output([self.larkimg, "token"], env=self.environment, text=True).strip()
        self.digests = {}
        self.drawn = None

    def url(self, key):
        return f"{self.host}/open-apis/im/v1/images/{key}"

    def make_images(self, count):
        """Puts images on the server, no two alike."""
        for number in range(count):
            image = b"\x89PNG\r\n\x1a\n" + os.urandom(IMAGE_SIZE - 8)
            key = f"img_v3_bench_{number:06}"
            (self.folder / "site/open-apis/im/v1/images" / key).write_bytes(image)
            self.digests[key] = hashlib.sha256(image).digest()
        self.keys = list(self.digests)

    def write(self, name, text):
        file = self.folder / name
        file.write_text(text)
        return file

    # The measuring.

    def fetch(self, command, keys, environment=None):
        """A function that runs a command, which must write the images of these keys."""

        def fetch():
            shutil.rmtree(self.out, ignore_errors=True)
            self.out.mkdir()
            os.sync()  # Nobody pays for what another left to be written.
            usage = run(command, environment or self.environment)
            start = time.perf_counter()
            os.sync()
            usage = usage._replace(synced=usage.seconds + time.perf_counter() - start)
            self.verify(keys, command)
            return usage

        return fetch

    def verify(self, keys, command):
        def fail(what):
            raise Failure(f"{shlex.join(map(str, command))}: {what}")

        sizes = {entry.name: entry.stat().st_size for entry in os.scandir(self.out)}
        wanted = {f"{key}.png" for key in keys}
        if sizes.keys() != wanted:
            fail(f"{len(wanted - sizes.keys())} of {len(wanted)} files missing, {len(sizes.keys() - wanted)} too many")
        for name, size in sizes.items():
            if size != IMAGE_SIZE:
                fail(f"{name} has {size} bytes")
        for key in random.sample(keys, min(SAMPLE, len(keys))):
            if hashlib.sha256((self.out / f"{key}.png").read_bytes()).digest() != self.digests[key]:
                fail(f"{key}.png is not what the server has")

    def time(self, what, larkimg, beside, other, fields=(("ms", "seconds"),)):
        """Rows of how long two processes take."""
        usages = alternate({"larkimg": larkimg, beside: other}, self.options.runs, dropped=3)
        for unit, field in fields:
            medians = {name: median(usages[name], field) * 1000 for name in usages}
            yield Row(f"{what}: {unit}", medians["larkimg"], beside, medians[beside])

    # The parts.

    def bulk(self):
        jobs, keys = self.options.jobs, self.keys
        header = f"Authorization: Bearer {self.token}"
        listed = self.write("bulk.keys", "".join(f"{key}\n" for key in keys))
        curl_config = self.write(
            "bulk.curl",
            # As the other two do; with HTTP/2, its own choice, it was slower here.
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
            "larkimg": [self.larkimg, "fetch", "-i", listed, "-d", self.out, "--jobs", str(jobs), "--quiet"],
            "curl": ["curl", "-q", "--parallel", "--parallel-max", str(jobs), "-K", curl_config],
            "aria2c": ["aria2c", f"--conf-path={aria2_config}", "-i", aria2_list],
        }
        usages = alternate(
            {name: self.fetch(command, keys) for name, command in commands.items()}, self.options.rounds, dropped=1
        )
        measures = {
            "images/s": {name: len(keys) / median(usages[name], "seconds") for name in commands},
            # larkimg and aria2c write durably by themselves, curl does not.
            "images/s, then sync": {name: len(keys) / median(usages[name], "synced") for name in commands},
            "CPU seconds": {name: median(usages[name], "cpu") for name in commands},
            "peak memory, MB": {name: median(usages[name], "memory") / 1e6 for name in commands},
        }
        title = f"{len(keys):,} images of {IMAGE_SIZE // 1000} kB, {jobs} at a time"
        file = self.options.svg or pathlib.Path(tempfile.mkdtemp(prefix="larkimg-bench-")) / "bench.svg"
        file.write_text(drawing(f"{title}: medians of {self.options.rounds} rounds", measures))
        self.drawn = file
        for measure, values in measures.items():
            for beside in ("curl", "aria2c"):
                yield Row(f"{title}: {measure}", values["larkimg"], beside, values[beside])

    def single(self):
        key = self.keys[0]
        cache = self.folder / "cache.sqlite"
        with contextlib.closing(sqlite3.connect(cache)) as database, database:
            database.execute("CREATE TABLE token (tenant TEXT PRIMARY KEY, token TEXT, expires_at INTEGER)")
            database.execute("INSERT INTO token VALUES ('acme', ?, unixepoch() + 7200)", [self.token])
        script = (
            f"sqlite3 {cache} \"SELECT 'Authorization: Bearer ' || token FROM token"
            " WHERE tenant = 'acme' AND expires_at > unixepoch()\" |"
            f" curl -qfsS --cacert {self.authority} -H @- -o {self.out}/{key}.png {self.url(key)}"
        )
        return self.time(
            "fetch of one image",
            self.larkimg_fetch(key),
            "sh: sqlite3 | curl",
            self.fetch(["sh", "-c", script], [key]),
            # larkimg writes durably by itself, curl does not.
            fields=(("ms", "seconds"), ("ms, then sync", "synced")),
        )

    def token_read(self):
        select = ["sqlite3", self.store, "SELECT count(*) FROM token"]
        return self.time(
            "token, cached", self.larkimg_token(self.store), "sqlite3, one SELECT", functools.partial(run, select)
        )

    def sdk(self):
        key = self.keys[0]
        program = self.write("sdk.py", SDK_PROGRAM)
        environment = dict(
            self.environment,
            LARK_HOST=self.host,
            LARK_TENANT_ACCESS_TOKEN=self.token,
            REQUESTS_CA_BUNDLE=str(self.authority),
        )
        command = [self.options.sdk_python, program, key, self.out / f"{key}.png"]
        return self.time(
            "fetch of one image",
            self.larkimg_fetch(key),
            "Python with lark-oapi",
            self.fetch(command, [key], environment),
        )

    def stores(self):
        few, many = TENANTS
        return self.time(
            f"token, cached, of one of {many:,} tenants",
            self.larkimg_token(self.filled_store(many)),
            f"of one of {few:,}",
            self.larkimg_token(self.filled_store(few)),
        )

    def http(self):
        distance = Distance(self.options.port)
        command = [self.larkimg, "tenant", "add", "distant", "--app-id", "cli_distant", "--app-secret-file", "-"]
        command += ["--host", f"https://127.0.0.1:{distance.port}", "--quota", "none"]
        subprocess.run(command, env=self.environment, input=b"secret", stdout=subprocess.DEVNULL, check=True)
        keys = self.keys[:DISTANT_IMAGES]
        listed = self.write("http.keys", "".join(f"{key}\n" for key in keys))
        command = [self.larkimg, "fetch", "--tenant", "distant", "-i", listed, "-d", self.out, "--quiet"]
        command += ["--jobs", str(DISTANT_IMAGES)]
        usages = alternate(
            {"1.1": self.fetch(command, keys), "2": self.fetch([*command, "--http2"], keys)},
            self.options.rounds,
            dropped=1,
        )
        medians = {version: median(usages[version], "seconds") for version in usages}
        what = f"{len(keys)} images, {ROUND_TRIP * 1000:.0f} ms away, HTTP/1.1: s"
        yield Row(what, medians["1.1"], "one HTTP/2 connection", medians["2"])

    def larkimg_fetch(self, key):
        return self.fetch([self.larkimg, "fetch", "-d", self.out, key], [key])

    def larkimg_token(self, store):
        return functools.partial(run, [self.larkimg, "token"], dict(self.environment, LARKIMG_STORE=str(store)))

    def filled_store(self, tenants):
        """A copy of the store with so many tenants: copies of the one that is there, under other names."""
        store = self.folder / f"store-{tenants}" / "store.sqlite"
        store.parent.mkdir(mode=0o700)
        store.touch(0o600)
        apps = random.sample(range(1, 1 << 62), tenants - 1)
        with contextlib.closing(sqlite3.connect(store)) as database:
            with contextlib.closing(sqlite3.connect(self.store)) as original:
                original.backup(database)
            with database:
                changes = {
                    "app": ({"id": app, "app_id": f"cli_{app}"} for app in apps),
                    "tenant": ({"name": f"tenant-{number:06}", "app": app} for number, app in enumerate(apps)),
                    "token": ({"app": app} for app in apps),
                }
                for table, rows in changes.items():
                    names = [column[1] for column in database.execute(f"PRAGMA table_info({table})")]
                    pattern = dict(zip(names, database.execute(f"SELECT * FROM {table}").fetchone()))
                    insert = f"INSERT INTO {table} VALUES ({', '.join(f':{name}' for name in names)})"
                    database.executemany(insert, ({**pattern, **row} for row in rows))
        return store


def figure(value):
    return f"{value:,.0f}" if value >= 1000 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def drawing(title, measures):
    """An SVG of bars, in colours that stand out from white and from black."""
    grey, bar, left, right = "#767676", 20, 70, 560
    shapes = []
    top = 24

    def text(x, y, words, attributes=""):
        shapes.append(f'<text x="{x:.0f}" y="{y}"{attributes}>{words}</text>')

    text(0, top, title, ' font-size="15" font-weight="600"')
    for measure, better in {"images/s": "more", "CPU seconds": "less", "peak memory, MB": "less"}.items():
        values = measures[measure]
        top += 38
        text(0, top, f"{measure} ({better} is better)", ' font-weight="600"')
        top += 10
        for name, value in values.items():
            width = (right - left) * value / max(values.values())
            colour = "#2f81f7" if name == "larkimg" else "#a0a0a0"
            text(left - 8, top + 15, name, ' text-anchor="end"')
            shapes.append(f'<rect x="{left}" y="{top}" width="{width:.1f}" height="{bar}" rx="2" fill="{colour}"/>')
            text(left + width + 8, top + 15, figure(value))
            top += bar + 6
    top += 6
    lines = "\n".join(shapes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 {top}" width="640" height="{top}"'
        f' font-family="system-ui, sans-serif" font-size="13" fill="{grey}" role="img" aria-label="{title}">\n'
        f"{lines}\n</svg>\n"
    )


def table(rows):
    """The rows as lines, in columns."""
    cells = [("median", "larkimg", "beside", "", "ratio")]
    last = None
    for row in rows:
        same = row.measure == last
        last = row.measure
        ratio = row.value / row.other
        ratio = f"{ratio:.2f}" if ratio >= 0.1 else f"{ratio:.3f}"
        cells.append(("" if same else last, "" if same else figure(row.value), row.beside, figure(row.other), ratio))
    widths = [max(len(line[column]) for line in cells) for column in range(5)]
    for line in cells:
        columns = [
            text.ljust(width) if column in (0, 2) else text.rjust(width)
            for column, (text, width) in enumerate(zip(line, widths))
        ]
        yield "  ".join(columns).rstrip()


def surroundings(folder):
    """What the figures depend on beside larkimg."""

    def version(program):
        words = subprocess.check_output([program, "--version"], text=True).split()
        return next(word for word in words if word[0].isdigit())

    file_system = subprocess.check_output(["stat", "-f", "-c", "%T", folder], text=True).strip()
    programs = ", ".join(f"{program} {version(program)}" for program in ("curl", "aria2c", "sqlite3"))
    return f"{os.cpu_count()} cores, {file_system}, Linux {platform.release()}, {programs}"


PARTS = {
    "bulk": Bench.bulk,
    "single": Bench.single,
    "token": Bench.token_read,
    "sdk": Bench.sdk,
    "stores": Bench.stores,
    "http": Bench.http,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--sdk-python", required=True)
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--jobs", type=int, default=32)
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--svg", type=pathlib.Path)
    options = parser.parse_args()

    bench = Bench(options)
    bench.make_images(options.images if options.only in (None, "bulk") else DISTANT_IMAGES)
    rows = []
    for part in [options.only] if options.only else PARTS:
        print(f"bench: {part}", file=sys.stderr)
        rows += PARTS[part](bench)
    print(surroundings(options.folder), *table(rows), sep="\n")
    if bench.drawn:
        print(f"drawn in {bench.drawn}")


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"bench: {failure}")
    except KeyboardInterrupt:
        sys.exit(130)
