"""Runs larkimg at the quota and prints, for each case, the time beside the shortest that the quota allows."""

import base64
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request

LARKIMG, EMULATOR = sys.argv[1:3]
IMAGE = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(2000)).decode()


def bound(count):
    """Seconds that so many requests take at 50 a second and 1,000 a minute."""
    return 60 * ((count - 1) // 1000) + (count - 1) % 1000 / 50


class Platform:
    def __init__(self, folder, apps):
        self.folder, self.apps = folder, apps
        port = f"{folder}/port"
        options = [word for app in apps for word in ("--app", f"{app}:secret")]
        self.process = subprocess.Popen([EMULATOR, "--quota", "--port-file", port, *options])
        while not os.path.exists(port) or not os.path.getsize(port):
            time.sleep(0.05)
        self.address = f"http://127.0.0.1:{open(port).read().strip()}"
        self.environment = os.environ | {
            "LARKIMG_STORE": f"{folder}/home/store.sqlite",
            "LARKIMG_KEY_FILE": f"{folder}/home/key",
        }
        for app in apps:
            command = [LARKIMG, "tenant", "add", app, "--app-id", app, "--app-secret-file", "-", "--host", self.address]
            subprocess.run(command, input=b"secret", env=self.environment, check=True, stdout=subprocess.DEVNULL)

    def control(self, command):
        body = json.dumps(command).encode()
        return json.load(urllib.request.urlopen(f"{self.address}/_emulator/faults", body))

    def seed(self, app, count):
        return [self.control({"seed_image": {"app_id": app, "base64": IMAGE}})["data"]["image_key"] for _ in range(count)]

    def statuses(self):
        journal = json.load(urllib.request.urlopen(f"{self.address}/_emulator/journal"))["entries"]
        return [entry["status"] for entry in journal if "/im/v1/images/" in entry["path"]]


@contextlib.contextmanager
def service(platform):
    """Runs `larkimg serve`; gives the environment of programs that have neither store nor key."""
    socket = f"{platform.folder}/run/larkimg.sock"
    process = subprocess.Popen([LARKIMG, "serve", "--socket", socket, "--audit-log", "/dev/null"],
                               env=platform.environment, stderr=subprocess.DEVNULL)
    while not os.path.exists(socket):
        time.sleep(0.05)
    try:
        yield os.environ | {"LARKIMG_STORE": "/nonexistent", "LARKIMG_AUTH_SERVICE": f"unix://{socket}"}
    finally:
        process.terminate()
        process.wait()


def case(name, apps, processes, images, through=lambda platform: contextlib.nullcontext(platform.environment)):
    """So many processes at once, each with so many images of every app."""
    with tempfile.TemporaryDirectory() as folder:
        platform = Platform(folder, apps)
        try:
            lists = []
            for number in range(processes):
                lines = [f"{app}\t{key}" for app in apps for key in platform.seed(app, images)]
                lists.append(f"{folder}/list.{number}")
                open(lists[-1], "w").write("\n".join(lines))
            with through(platform) as environment:
                start = time.monotonic()
                runs = [
                    subprocess.Popen([LARKIMG, "fetch", "-q", "-i", list_, "-d", f"{folder}/images"],
                                     env=environment, stdout=subprocess.DEVNULL)
                    for list_ in lists
                ]
                failures = sum(run.wait() != 0 for run in runs)
                seconds = time.monotonic() - start
            statuses = platform.statuses()
            there = len(os.listdir(f"{folder}/images"))
        finally:
            platform.process.terminate()
            platform.process.wait()
    best = bound(processes * images)
    total = processes * images * len(apps)
    print(f"{name}: {total} images in {seconds:.2f} s, the quota allows {best:.2f} s: {best / seconds:.1%};"
          f" refused {sum(status != 200 for status in statuses)} of {len(statuses)},"
          f" failed runs {failures}, files {there}", flush=True)


case("4 processes, 1 tenant", ["cli_a"], 4, 250)
case("4 processes, 1 tenant, through a service", ["cli_a"], 4, 250, service)
case("1 process, 8 tenants", [f"cli_{number}" for number in range(8)], 1, 500)
case("1 process, 1 tenant", ["cli_a"], 1, 2500)
