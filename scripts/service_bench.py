"""The case bench: warm tokens a second beside what nginx gives of a static one, on the same machine."""

import os
import platform
import re
import socket
import statistics
import subprocess
import time

from service_http import Connection, request, token_request
from service_site import NO_LIMIT, Failure, custom_apps, site

CONNECTIONS = 64
SECONDS = 5
ROUNDS = 3
BAR = 0.5

SCRIPT = """
local secret = os.getenv("BENCH_SECRET")
if secret then
    wrk.method = "POST"
    wrk.body = "{}"
    wrk.headers["Content-Type"] = "application/json"
    wrk.headers["Authorization"] = "Bearer " .. secret
end
done = function(summary, latency, requests)
    local errors = summary.errors
    io.write(string.format("result %d %d %d %d\\n", summary.requests, summary.duration, latency:percentile(99),
        errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"""

NGINX = """
daemon off;
worker_processes 2;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 1024; }}
http {{
    client_body_temp_path {folder}/nginx.body;
    keepalive_requests 1000000000;
    default_type application/json;
    add_header Cache-Control no-store;
    add_header X-Content-Type-Options nosniff;
    sendfile on;
    root {folder}/static;
    server {{
        listen 127.0.0.1:{plain}; access_log off;
        location / {{ }}
        location /constant {{ return 200 '{body}'; }}
    }}
    server {{ listen 127.0.0.1:{logged}; access_log {folder}/access.log; }}
}}
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def start_nginx(home, size):
    """Starts it and returns its process and addresses: of a file, of that with a log, of a body in its configuration."""
    plain, logged = free_port(), free_port()
    os.mkdir(f"{home.folder}/static", 0o755)
    with open(f"{home.folder}/static/token.json", "w") as file:
        file.write("x" * size)
    with open(f"{home.folder}/nginx.conf", "w") as file:
        file.write(NGINX.format(folder=home.folder, plain=plain, logged=logged, body="x" * size))
    command = ["nginx", "-c", f"{home.folder}/nginx.conf", "-e", f"{home.folder}/nginx.log"]
    # Else the workers give root up, and cannot write into the folder.
    command += ["-g", "user root;"] if os.geteuid() == 0 else []
    process = home.start(command, f"{home.folder}/nginx.out")

    def answers():
        if process.poll() is not None:
            raise Failure(f"nginx: {open(f'{home.folder}/nginx.log').read().strip()}")
        try:
            with Connection(("127.0.0.1", logged)) as connection:
                return len(connection.ask(request("GET", "/token.json", "localhost")).body) == size
        except OSError:
            return False

    home.wait_for(answers, "nginx")
    return process, {
        "nginx, a file": f"127.0.0.1:{plain}/token.json",
        "nginx, a file, with a log": f"127.0.0.1:{logged}/token.json",
        "nginx, a constant": f"127.0.0.1:{plain}/constant",
    }


def load(home, address, secret=None):
    """One run, with a secret of requests for a token, else of GETs. Returns requests a second and the p99 in milliseconds."""
    done = subprocess.run(
        ["wrk", "-t", "2", "-c", str(CONNECTIONS), "-d", f"{SECONDS}s", "-s", f"{home.folder}/wrk.lua",
         f"http://{address}"],
        env=home.environment | ({"BENCH_SECRET": secret} if secret else {}), capture_output=True, text=True,
    )
    result = re.search(r"^result (\d+) (\d+) (\d+) (\d+)$", done.stdout, re.MULTILINE)
    if not result:
        raise Failure(f"wrk: {done.stdout}{done.stderr}")
    requests, microseconds, p99, errors = map(int, result.groups())
    if errors:
        raise Failure(f"{errors} of {requests} requests to {address} failed")
    return requests / microseconds * 1e6, p99 / 1e3


def bench(options, bars):
    with site(options, *custom_apps(["cli_acme"])) as home:
        home.add_tenant("acme", "cli_acme")
        secret = home.add_client("bench", "acme")
        service = home.serve(*NO_LIMIT)
        with Connection(service.address) as connection:
            reply = connection.ask(token_request("acme", service.host, secret))
        if reply.status != 200:
            raise Failure(f"no token: {reply.status} {reply.body[:200]}")
        with open(f"{home.folder}/wrk.lua", "w") as file:
            file.write(SCRIPT)
        nginx, programs = start_nginx(home, len(reply.body))
        results = {name: [] for name in ["larkimg serve", *programs]}
        for _ in range(options.rounds or ROUNDS):
            results["larkimg serve"].append(load(home, f"{service.host}/v1/tenants/acme/token", secret))
            for name, address in programs.items():
                time.sleep(0.5)
                results[name].append(load(home, address))
        memory = service.memory("VmHWM")
        nginx.terminate()
        nginx.wait()

    machine = f"{os.cpu_count()} cores, Linux {platform.release()}"
    bars.tell(f"{CONNECTIONS} connections, a body of {len(reply.body)} bytes; {machine}")
    bars.tell(f"{'median':26}{'requests/s':>12}{'p99, ms':>10}{'larkimg / it':>14}")
    medians = {name: [statistics.median(values) for values in zip(*runs)] for name, runs in results.items()}
    ours = medians["larkimg serve"][0]
    for name, (rate, p99) in medians.items():
        ratio = "" if name == "larkimg serve" else f"{ours / rate:.2f}"
        bars.tell(f"{name:26}{rate:12,.0f}{p99:10.2f}{ratio:>14}".rstrip())
    ratio = ours / medians["nginx, a file"][0]
    bars.hold(ratio >= BAR, f"{ratio:.2f} of nginx with a file; the bar is {BAR}. Peak memory {memory / 1e6:.0f} MB")
