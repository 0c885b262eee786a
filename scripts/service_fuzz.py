"""The case fuzz: schemathesis, driven by the service's own description, finds no answer that is not in it."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from service_http import Connection, request
from service_site import NO_LIMIT, Failure, custom_apps, site

EXAMPLES = 100

# Names that are there and not; and an event that nobody signed is refused, whatever it says.
CONFIGURATION = """
[parameters]
"path.name" = ["acme", "globex", "nobody"]

[[operations]]
include-path = "/events/{app}"
checks.positive_data_acceptance.enabled = false
"""


def fuzz(options, bars):
    tool = Path(sys.executable).parent / "schemathesis"
    if not tool.exists():
        raise Failure("schemathesis is not installed beside this Python")
    with site(options, *custom_apps(["cli_acme", "cli_globex"])) as home:
        home.add_tenant("acme", "cli_acme")
        home.add_tenant("globex", "cli_globex")
        secret = home.add_client("fuzz", "acme")
        service = home.serve(*NO_LIMIT)
        Path(home.folder, "schemathesis.toml").write_text(CONFIGURATION)
        command = [
            str(tool), "--config-file", f"{home.folder}/schemathesis.toml", "run", f"http://{service.host}/openapi.json", "--url", f"http://{service.host}",
            "-H", f"Authorization: Bearer {secret}", "--max-examples", str(EXAMPLES), "--seed", str(options.seed),
            "--continue-on-failure", "--no-color", "--workers", "1",
        ]
        done = subprocess.run(command, capture_output=True, text=True, cwd=home.folder, timeout=900)
        shutil.rmtree(Path(home.folder) / ".schemathesis", ignore_errors=True)
        cases = re.search(r"(\d[\d,]*) generated", done.stdout)
        if done.returncode != 0:
            bars.tell(done.stdout[-3000:])
        found = "none" if done.returncode == 0 else "some"
        bars.hold(
            done.returncode == 0, f"{cases.group(1) if cases else '?'} requests, answers not in the document: {found}")
        with Connection(service.address) as connection:
            status = connection.ask(request("GET", "/healthz", service.host)).status
        bars.hold(status == 200, "afterwards it answers")
