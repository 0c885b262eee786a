"""Reads `swift package describe --type json` and proves who may import whom."""

import json
import sys

# Our targets and the packages' products that each target may name itself.
OURS = {
    "LarkAPI": set(),
    "CSQLite": set(),
    "Database": {"CSQLite"},
    "Migrations": set(),
    "PosixFiles": set(),
    "TokenStore": {"Database", "LarkAPI", "Migrations", "PosixFiles"},
    "ImageFetch": {"LarkAPI", "PosixFiles"},
    "AuthService": {"LarkAPI", "PosixFiles", "TokenStore"},
    "larkimg": {"AuthService", "ImageFetch", "LarkAPI", "PosixFiles", "TokenStore"},
    "LarkEmulator": set(),
    "lark-emulator": {"LarkEmulator"},
}
# What the closure of a target must never hold.
NEVER = {
    "PosixFiles": {"CSQLite", "Database", "LarkAPI", "TokenStore", "Migrations"},
    "LarkAPI": {"CSQLite", "Database", "TokenStore", "Migrations"},
    "ImageFetch": {"CSQLite", "Database", "TokenStore", "Migrations"},
    "LarkEmulator": {"CSQLite", "Database", "LarkAPI", "TokenStore", "ImageFetch", "Migrations"},
    "Database": {"LarkAPI", "TokenStore", "Migrations"},
    "TokenStore": {"AuthService", "ImageFetch", "HummingbirdCore"},
    "AuthService": {"ImageFetch", "LarkEmulator"},
    "larkimg": {"LarkEmulator"},
}

targets = {target["name"]: target for target in json.load(sys.stdin)["targets"]}


def closure(name):
    target = targets[name]
    found = set(target.get("product_dependencies", []))
    for other in target.get("target_dependencies", []):
        found |= {other} | closure(other)
    return found


faults = []
for name, allowed in OURS.items():
    extra = set(targets[name].get("target_dependencies", [])) - allowed
    if extra:
        faults.append(f"{name} imports {', '.join(sorted(extra))}")
for name, never in NEVER.items():
    held = closure(name) & never
    if held:
        faults.append(f"{name} reaches {', '.join(sorted(held))}")
unknown = {name for name, target in targets.items() if target["type"] != "test"} - set(OURS) - {"TestSupport"}
if unknown:
    faults.append(f"no arrows are written down for {', '.join(sorted(unknown))}")
for fault in faults:
    print(f"arrows: {fault}", file=sys.stderr)
print(f"arrows: ImageFetch reaches {', '.join(sorted(closure('ImageFetch')))}")
sys.exit(1 if faults else 0)
