"""The case page: the status page in headless Chromium, with what it shows and whether it loads itself anew."""

import os
import re
import shutil
import subprocess
import time

from service_http import Connection, request
from service_site import Failure, custom_apps, site

FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]


def page(options, bars):
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not chromium:
        raise Failure("chromium is not installed")
    with site(options, *custom_apps(["cli_acme"])) as home:
        home.add_tenant("acme", "cli_acme")
        home.add_tenant("broken", "cli_unknown")
        secret = home.add_client("screen", "acme,broken")
        service = home.serve()
        with Connection(service.address) as connection:
            for tenant in ("acme", "broken"):
                fields = [("Content-Type", "application/json")]
                connection.ask(
                    request("POST", f"/v1/tenants/{tenant}/token", service.host, b"{}", secret=secret, fields=fields))
        address = f"http://screen:{secret}@{service.host}/"
        browser = [chromium, *FLAGS, f"--user-data-dir={home.folder}/profile"]
        shown = subprocess.run([*browser, "--dump-dom", address], capture_output=True, text=True, timeout=120).stdout
        for what, pattern in {
            "the tenants": r"<td>acme.*<td>broken", "the age of a token": r'class="age fresh"',
            "the last error": r'class="error">[^<]*10014', "its remedy": r'class="remedy">[^<]*larkimg tenant update broken',
            "the quota": r"0 \+ 0 of 50/s,1000/m",
        }.items():
            bars.hold(re.search(pattern, shown, re.DOTALL), f"shows {what}")
        bars.hold(not re.search(r"<script|https?://(?!127)", shown), "loads nothing from elsewhere, and no script")
        bars.hold(secret not in shown, "shows no secret")

        def views():
            with Connection(service.address) as connection:
                text = connection.ask(request("GET", "/metrics", service.host, secret=secret)).body.decode()
            found = re.search(r'larkimg_requests_total\{route="/",status="200"\} (\d+)', text)
            return int(found.group(1)) if found else 0

        before = views()
        process = subprocess.Popen(
            [*browser, "--remote-debugging-port=0", address], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            end = time.monotonic() + 60
            while views() < before + 3 and time.monotonic() < end:
                time.sleep(0.5)
        finally:
            process.terminate()
            process.wait()
        bars.hold(views() >= before + 3, f"loaded itself anew {max(0, views() - before - 1)} times")
        picture = os.environ.get("PAGE_PICTURE")
        if picture:
            subprocess.run(
                [*browser, "--window-size=1200,500", f"--screenshot={picture}", address], capture_output=True, timeout=120)
