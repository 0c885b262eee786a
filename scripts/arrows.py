"""Reads `swift package dump-package`: which target may depend on which (DESIGN.md), and whether each file imports only
what its target declares. The compiler checks the latter for our own targets alone, not for products of packages."""

import json
import pathlib
import re
import sys

ARROWS = {
    "LarkAPI": set(),
    "CSQLite": set(),
    "Database": {"CSQLite"},
    "Migrations": set(),
    "PosixFiles": set(),
    "TokenStore": {"Database", "LarkAPI", "Migrations", "PosixFiles"},
    "ImageFetch": {"LarkAPI", "PosixFiles"},
    "AuthServiceClient": {"LarkAPI"},
    "AuthService": {"AuthServiceClient", "LarkAPI", "PosixFiles", "TokenStore"},
    "larkimg": {"AuthService", "AuthServiceClient", "ImageFetch", "LarkAPI", "PosixFiles", "TokenStore"},
    "LarkEmulator": set(),
    "lark-emulator": {"LarkEmulator"},
}
SYSTEM = {"Dispatch", "FoundationEssentials", "Glibc", "Synchronization", "Testing"}
IMPORT = re.compile(
    r"^(?:@\w+\s+)*(?:(?:public|package|internal|private|fileprivate)\s+)?import\s+"
    r"(?:(?:struct|class|enum|func|protocol|typealias|var|let)\s+)?(\w+)", re.MULTILINE)


def declared(target):
    """The targets and products that a target declares."""
    own = {d.get("byName", d.get("target", [None]))[0] for d in target["dependencies"] if "product" not in d}
    return own, {d["product"][0] for d in target["dependencies"] if "product" in d}


def sources(target):
    folder = "Tests" if target["type"] == "test" else "Sources"
    return pathlib.Path(target.get("path") or f"{folder}/{target['name']}").rglob("*.swift")


faults = []
for target in json.load(sys.stdin)["targets"]:
    name = target["name"]
    own, products = declared(target)
    if target["type"] != "test" and name != "TestSupport":
        if name not in ARROWS:
            faults.append(f"{name} is not in the list of targets")
        faults += [f"{name} depends on {other}" for other in sorted(own - ARROWS.get(name, own))]
    allowed = {module.replace("-", "_") for module in own | products | {name}} | SYSTEM
    imported = set()
    for file in sources(target):
        modules = set(IMPORT.findall(file.read_text()))
        imported |= modules
        faults += [f"{file} imports {module}, which {name} does not declare" for module in sorted(modules - allowed)]
    faults += [f"{name} declares {product}, which no file imports" for product in sorted(products - imported)]

for fault in faults:
    print(f"arrows: {fault}", file=sys.stderr)
sys.exit(1 if faults else 0)
