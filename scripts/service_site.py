"""What the cases of scripts/service stand on: an emulator, a store, and the service that is tried."""

import contextlib
import json
import os
import re
import resource
import subprocess
import tempfile
import time
import urllib.request

from service_http import Connection, request

SECRET = re.compile(r"lkc_[0-9a-f]{16}_[0-9a-f]{64}")
NO_LIMIT = ("--client-rate", "1000000")


class Failure(Exception):
    """A case cannot go on."""


class Bars:
    """Prints what a case found, and counts the bars that it missed."""

    def __init__(self, case):
        self.case, self.missed = case, 0

    def tell(self, text):
        print(f"{self.case}: {text}", flush=True)

    def hold(self, holds, text):
        """A bar that holds, or one that is missed."""
        self.tell(text if holds else f"MISSED: {text}")
        self.missed += not holds


class Service:
    """A running `larkimg serve`; `address` is (host, port), or the path of a socket."""

    def __init__(self, process, log):
        self.process, self.log = process, log
        self.address = None
        self.seconds = 0.0  # From the start to the first answer.

    @property
    def host(self):
        return "localhost" if isinstance(self.address, str) else "{}:{}".format(*self.address)

    def answers(self):
        """Whether it says that it is well."""
        try:
            with Connection(self.address, timeout=10) as connection:
                return connection.ask(request("GET", "/healthz", self.host)).status == 200
        except (OSError, EOFError):
            return False

    def memory(self, name):
        """Bytes: VmRSS now, or VmHWM, the most since forget_peak."""
        for line in open(f"/proc/{self.process.pid}/status"):
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
        raise Failure(f"the service ended: {self.tail()}")

    def forget_peak(self):
        with open(f"/proc/{self.process.pid}/clear_refs", "w") as file:
            file.write("5\n")

    def open_files(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def tail(self):
        return open(self.log, errors="replace").read()[-1000:].strip() or "it said nothing"

    def end(self, signal):
        """Sends a signal and returns the exit status."""
        self.process.send_signal(signal)
        return self.process.wait(timeout=60)


class Site:
    """A folder with a store, an emulator beside it, and what the case starts on them."""

    def __init__(self, options, folder, emulator):
        self.binary, self.folder = options.binary, folder
        self.processes = []
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("LARKIMG_")}
        self.environment |= {"LARKIMG_STORE": f"{folder}/home/store.sqlite", "LARKIMG_KEY_FILE": f"{folder}/home/key"}
        port = f"{folder}/emulator.port"
        self.start([options.emulator, "--port-file", port, *emulator], f"{folder}/emulator.log")
        self.wait_for(lambda: os.path.exists(port) and os.path.getsize(port), "the emulator")
        self.platform = f"http://127.0.0.1:{open(port).read().strip()}"

    def start(self, command, log):
        with open(log, "wb") as file:
            process = subprocess.Popen(command, env=self.environment, stdout=subprocess.DEVNULL, stderr=file)
        self.processes.append(process)
        return process

    def close(self):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()

    def wait_for(self, done, what, seconds=30):
        end = time.monotonic() + seconds
        while not done():
            if time.monotonic() > end:
                raise Failure(f"{what}: not within {seconds} s")
            time.sleep(0.005)

    # The store.

    def larkimg(self, *words, text=""):
        """Runs a command and returns what it printed."""
        done = subprocess.run(
            [self.binary, *words], input=text, env=self.environment, capture_output=True, text=True, timeout=60
        )
        if done.returncode != 0:
            raise Failure(f"larkimg {' '.join(words)}: status {done.returncode}: {done.stderr.strip()}")
        return done.stdout

    def add_tenant(self, name, app_id):
        words = ["--app-id", app_id, "--app-secret-file", "-", "--host", self.platform, "--no-verify"]
        self.larkimg("tenant", "add", name, *words, text="secret")

    def renew_tenant(self, name):
        """Begins another generation of a tenant: its tokens are of no use any more."""
        self.larkimg("tenant", "update", name, "--app-secret-file", "-", "--no-verify", text="secret")

    def add_client(self, name, tenants):
        """Registers a client and returns its secret."""
        found = SECRET.search(self.larkimg("client", "add", name, "--tenants", tenants))
        if not found:
            raise Failure(f"larkimg client add {name} printed no secret")
        return found.group()

    # The emulator.

    def control(self, **command):
        body = json.dumps(command).encode()
        return json.load(urllib.request.urlopen(f"{self.platform}/_emulator/faults", body, timeout=10))["data"]

    def journal(self, api=None):
        query = f"?api={api}" if api else ""
        return json.load(urllib.request.urlopen(f"{self.platform}/_emulator/journal{query}", timeout=10))

    def token_calls(self):
        return len(self.journal("tenant_access_token/internal")["entries"])

    def token(self, app_id):
        """The token that the platform gives a custom app now: the same for everyone who asks."""
        body = json.dumps({"app_id": app_id, "app_secret": "secret"}).encode()
        path = "/open-apis/auth/v3/tenant_access_token/internal"
        return json.load(urllib.request.urlopen(self.platform + path, body, timeout=10))["tenant_access_token"]

    # The service.

    def serve_command(self, *words):
        return [self.binary, "serve", *words, "--audit-log", f"{self.folder}/audit.log"]

    def serve(self, *words, socket=None):
        """Starts a service on that socket, else on a free port of this machine, and waits until it answers."""
        log = f"{self.folder}/serve.{len(self.processes)}.log"
        port = f"{log}.port"
        place = ("--socket", socket) if socket else ("--listen", "127.0.0.1:0", "--port-file", port)
        start = time.monotonic()
        service = Service(self.start(self.serve_command(*place, *words), log), log)

        def is_listening():
            if service.process.poll() is not None:
                raise Failure(f"larkimg serve ended with status {service.process.returncode}: {service.tail()}")
            if socket:
                service.address = socket
            elif os.path.exists(port) and (text := open(port).read().strip()):
                service.address = ("127.0.0.1", int(text))
            return service.address and ("--tls-cert" in words or service.answers())

        self.wait_for(is_listening, "larkimg serve")
        service.seconds = time.monotonic() - start
        return service


@contextlib.contextmanager
def site(options, *emulator):
    """A site for a case; all that runs on it ends with it."""
    with tempfile.TemporaryDirectory(prefix="larkimg-") as folder:
        made = Site(options, folder, emulator)
        try:
            yield made
        finally:
            made.close()


def custom_apps(names):
    """The emulator's options for custom apps, all with the secret `secret`."""
    return [word for name in names for word in ("--app", f"{name}:secret")]


def raise_file_limit(count):
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < count:
        raise Failure(f"the limit of open files is {most}: {count} are wanted (ulimit -Hn)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (count, most))


def percentile(values, part):
    """The value that this part of all does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]
