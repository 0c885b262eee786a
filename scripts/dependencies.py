"""Reads `swift package dump-package`. Checks which target depends on which (DEPENDENCIES), and that each file imports
only what its target declares: the compiler checks that for our own targets, but not for products of packages."""

import json
import pathlib
import re
import sys

DEPENDENCIES = {
    "LarkAPI": set(),
    "CLinux": set(),
    "CPostgreSQL": set(),
    "CSQLite": set(),
    "CVersion": set(),
    "Database": {"CPostgreSQL", "CSQLite"},
    "Migrations": set(),
    "PostgreSQLMigrations": {"Migrations"},
    "PosixFiles": {"CLinux"},
    "TokenStore": {"Database", "LarkAPI", "Migrations", "PosixFiles", "PostgreSQLMigrations"},
    "Messages": {"LarkAPI"},
    "ImageFetch": {"LarkAPI", "Messages", "PosixFiles"},
    "AuthServiceClient": {"LarkAPI"},
    "AuthService": {"AuthServiceClient", "LarkAPI", "PosixFiles", "TokenStore"},
    "larkimg": {
        "AuthService", "AuthServiceClient", "CVersion", "ImageFetch", "LarkAPI", "Messages", "PosixFiles", "TokenStore",
    },
    "LarkEmulator": set(),
    "lark-emulator": {"LarkEmulator"},
}
SYSTEM = {"Dispatch", "FoundationEssentials", "Glibc", "Synchronization", "Testing"}
IMPORT = re.compile(
    r"^(?:@\w+\s+)*(?:(?:public|package|internal|private|fileprivate)\s+)?import\s+"
    r"(?:(?:struct|class|enum|func|protocol|typealias|var|let)\s+)?(\w+)", re.MULTILINE)

faults = []
for target in json.load(sys.stdin)["targets"]:
    name, is_test = target["name"], target["type"] == "test"
    products = {entry["product"][0] for entry in target["dependencies"] if "product" in entry}
    targets = {entry[kind][0] for entry in target["dependencies"] for kind in ("byName", "target") if kind in entry}
    if not is_test and name != "TestSupport":
        if name not in DEPENDENCIES:
            faults.append(f"{name} is not in the list of targets")
        faults += [f"{name} depends on {other}" for other in sorted(targets - DEPENDENCIES.get(name, targets))]
    allowed = {module.replace("-", "_") for module in targets | products | {name}} | SYSTEM
    directory = pathlib.Path(target.get("path") or f"{'Tests' if is_test else 'Sources'}/{name}")
    imported = set()
    for file in directory.rglob("*.swift"):
        modules = set(IMPORT.findall(file.read_text()))
        imported |= modules
        faults += [f"{file} imports {module}, which {name} does not declare" for module in sorted(modules - allowed)]
    faults += [f"{name} declares {product}, which no file imports" for product in sorted(products - imported)]

for fault in faults:
    print(f"dependencies: {fault}", file=sys.stderr)
sys.exit(1 if faults else 0)
