"""Reads `swift package dump-package`. Checks which target depends on which (DEPENDENCIES), that each file imports only
what its target declares (the compiler checks that for our own targets, but not for products of packages), and that
packages which the library products do not need are behind the trait Programs."""

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
    "Examples": {"ImageFetch", "LarkAPI", "TokenStore"},
}
SYSTEM = {"Dispatch", "FoundationEssentials", "Glibc", "Synchronization", "Testing"}
IMPORT = re.compile(
    r"^(?:@\w+\s+)*(?:(?:public|package|internal|private|fileprivate)\s+)?import\s+"
    r"(?:(?:struct|class|enum|func|protocol|typealias|var|let)\s+)?(\w+)", re.MULTILINE)



def targets_of(target):
    """The names of the targets that a target depends on."""
    return {entry[kind][0] for entry in target["dependencies"] for kind in ("byName", "target") if kind in entry}


def products_of(target):
    """The dependencies of a target on packages: product, package, aliases, condition."""
    return [entry["product"] for entry in target["dependencies"] if "product" in entry]


def unguarded(manifest):
    """Faults of products that are behind the wrong trait, or behind none."""
    targets = {target["name"]: target for target in manifest["targets"]}
    libraries = [product for product in manifest["products"] if "library" in product["type"]]
    reached, rest = set(), {name for product in libraries for name in product["targets"]}
    while rest:
        name = rest.pop()
        reached.add(name)
        rest |= targets_of(targets[name]) - reached
    needed = {package for name in reached for _, package, _, _ in products_of(targets[name])}
    for name, target in targets.items():
        for product, package, _, condition in products_of(target):
            traits = (condition or {}).get("traits") or []
            if traits != ([] if package in needed else ["Programs"]):
                yield f"{name}: {product} of {package} is behind {traits or 'no trait'}; see programPackages in Package.swift"


manifest = json.load(sys.stdin)
faults = list(unguarded(manifest))
for target in manifest["targets"]:
    name, is_test = target["name"], target["type"] == "test"
    products = {product for product, _, _, _ in products_of(target)}
    targets = targets_of(target)
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
