"""Kills runs of a list at random moments, then lets one run to its end; prints what was found.

torture.py PLATFORM APP_ID KILLS: larkimg is on the PATH, its tenant in the environment.
"""

import base64
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

PLATFORM, APP_ID, KILLS = sys.argv[1], sys.argv[2], int(sys.argv[3])
COUNT = 1000
IMAGE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 200


def control(command):
    body = json.dumps(command).encode()
    return json.load(urllib.request.urlopen(f"{PLATFORM}/_emulator/faults", body))


def requested():
    """The keys asked for since the journal was cleared."""
    journal = json.load(urllib.request.urlopen(f"{PLATFORM}/_emulator/journal"))["entries"]
    return [entry["path"].rsplit("/", 1)[1] for entry in journal if "/im/v1/images/" in entry["path"]]


with tempfile.TemporaryDirectory() as folder:
    image = base64.b64encode(IMAGE).decode()
    keys = [control({"seed_image": {"app_id": APP_ID, "base64": image}})["data"]["image_key"] for _ in range(COUNT)]
    open(f"{folder}/list", "w").write("\n".join(keys))
    os.mkdir(f"{folder}/images")
    command = ["larkimg", "fetch", "-q", "-i", f"{folder}/list", "-d", f"{folder}/images"]
    again = kills = 0
    while kills < KILLS:
        there = {name.removesuffix(".png") for name in os.listdir(f"{folder}/images")}
        if len(there) == COUNT:
            for key in random.sample(keys, COUNT // 2):
                os.unlink(f"{folder}/images/{key}.png")
            continue
        control({"clear_journal": True})
        run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(random.uniform(0, 0.6))
        run.send_signal(signal.SIGKILL)
        kills += run.wait() == -signal.SIGKILL
        again += sum(key in there for key in requested())
    there = {name.removesuffix(".png") for name in os.listdir(f"{folder}/images")}
    control({"clear_journal": True})
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    last = requested()
    again += sum(key in there for key in last) + len(last) - len(set(last))
    names = os.listdir(f"{folder}/images")
    whole = sum(open(f"{folder}/images/{name}", "rb").read() == IMAGE for name in names)
    odd = len(set(names) - {f"{key}.png" for key in keys})
    control({"clear_journal": True})
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    print(f"  killed {kills} times; whole: {whole} of {COUNT}; other names: {odd};"
          f" fetched although there: {again}; requests of one more run: {len(requested())}")
    sys.exit(whole != COUNT or odd != 0 or again != 0)
