"""Look for known vulnerabilities in all that is locked: uv.lock through pip-audit, package-lock.json through npm.

Exit code 1 when something is found that is not excused in kwetsbaarheden.toml, or an excuse has expired. When no
service of vulnerabilities can be asked it says so in one sentence; that is a failure only with
BUURTSIGNAAL_AUDIT=verplicht.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
EXCUSES = Path(__file__).with_name("kwetsbaarheden.toml")
UV = ROOT / ".buurtsignaal" / "gereedschap" / "bin" / "uv"
REQUIRED = "verplicht"
SERVICES = ("pypi", "osv")
SECONDS = 300


class Unreachable(Exception):
    """No service of vulnerabilities answered; nothing is known."""


@dataclass(frozen=True)
class Kwetsbaarheid:
    """Something known about a package that we use."""

    pakket: str
    versie: str
    id: str


@dataclass(frozen=True)
class Uitzondering:
    """What we know of and accept, with a reason, until a day."""

    id: str
    pakket: str
    reden: str
    tot: date


def read_excuses(path: Path = EXCUSES) -> list[Uitzondering]:
    """The excuses of the file; TypeError when one has no reason or no day."""
    return [Uitzondering(**row) for row in tomllib.loads(path.read_text(encoding="utf-8")).get("uitzondering", [])]


def audit_python() -> list[Kwetsbaarheid]:
    lines = locked_requirements()
    for service in SERVICES:
        try:
            # One package first: a mirror without advisories need not be asked about all of them.
            ask_pip_audit(lines[:1], service)
            return ask_pip_audit(lines, service)
        except Unreachable:
            continue
    raise Unreachable


def locked_requirements() -> list[str]:
    command = [UV, "export", "--quiet", "--locked", "--all-groups", "--no-emit-project", "--no-hashes", "--no-annotate"]
    done = subprocess.run(
        [*map(str, command), "--no-header", "--format", "requirements.txt"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.splitlines()


def ask_pip_audit(lines: Iterable[str], service: str) -> list[Kwetsbaarheid]:
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        program = str(Path(sys.executable).with_name("pip-audit"))
        options = ["--no-deps", "--disable-pip", "--progress-spinner", "off", "--format", "json", "-s", service]
        return read_pip_audit(_output([program, "-r", file.name, *options]))


def read_pip_audit(output: str) -> list[Kwetsbaarheid]:
    """What pip-audit found. A package that it could not look up is no package without vulnerabilities."""
    packages = _parsed(output).get("dependencies")
    if not packages or any("skip_reason" in package for package in packages):
        raise Unreachable
    return [
        Kwetsbaarheid(package["name"], package["version"], found["id"])
        for package in packages
        for found in package["vulns"]
    ]


def audit_npm() -> list[Kwetsbaarheid]:
    return read_npm_audit(_output(["npm", "audit", "--json"]))


def read_npm_audit(output: str) -> list[Kwetsbaarheid]:
    """What npm found: per package the advisories themselves, not the packages that pass them on."""
    document = _parsed(output)
    if "vulnerabilities" not in document:
        raise Unreachable
    return [
        Kwetsbaarheid(name, package.get("range", ""), str(via.get("url", via.get("source"))).rpartition("/")[2])
        for name, package in document["vulnerabilities"].items()
        for via in package["via"]
        if isinstance(via, dict)
    ]


def _output(command: list[str]) -> str:
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        raise Unreachable from None
    return done.stdout


def _parsed(output: str) -> dict[str, Any]:
    try:
        document = json.loads(output)
    except json.JSONDecodeError:
        raise Unreachable from None
    return document if isinstance(document, dict) else {}


def judge(found: Iterable[Kwetsbaarheid], excuses: Iterable[Uitzondering], today: date) -> list[str]:
    """What has to be done, one Dutch sentence each; empty when all is well."""
    good = {(excuse.pakket, excuse.id) for excuse in excuses if excuse.tot >= today}
    told = [
        f"De uitzondering voor {excuse.pakket} ({excuse.id}) liep tot {excuse.tot}: {excuse.reden}"
        for excuse in excuses
        if excuse.tot < today
    ]
    return told + [
        f"{item.pakket} {item.versie} heeft een bekende kwetsbaarheid: {item.id}."
        for item in found
        if (item.pakket, item.id) not in good
    ]


def main() -> int:
    found: list[Kwetsbaarheid] = []
    silent = []
    for name, audit in (("Python (uv.lock)", audit_python), ("de browser (package-lock.json)", audit_npm)):
        try:
            found += audit()
        except Unreachable:
            silent.append(name)
    faults = judge(found, read_excuses(), date.today())
    for fault in faults:
        print(fault)
    if silent:
        print(
            f"Niet nagekeken op kwetsbaarheden: de pakketten voor {' en '.join(silent)}, want geen dienst met "
            "kwetsbaarheden gaf antwoord. Doe dit opnieuw op een machine met internet."
        )
    elif not faults:
        print("Geen bekende kwetsbaarheden in de vastgelegde pakketten.")
    return int(bool(faults) or (bool(silent) and os.environ.get("BUURTSIGNAAL_AUDIT") == REQUIRED))


if __name__ == "__main__":
    sys.exit(main())
