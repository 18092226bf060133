"""Write what the service is made of: every locked Python package and every file from others in the browser (CycloneDX).

python .ci/sbom.py UIT.json
"""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
UV = ROOT / ".buurtsignaal" / "gereedschap" / "bin" / "uv"
ASSETS = ROOT / "maps" / "static" / "HERKOMST.md"
OWN_LICENCE = "EUPL-1.2"
_ASSET = re.compile(r"^\| (?P<name>[@\w./-]+) \| (?P<version>\d[\w.]*) \| (?P<licence>[\w.-]+)", re.MULTILINE)
_licences = LicenseFactory()


def locked_packages() -> list[tuple[str, str]]:
    """Name and version of everything that running the service needs, on any machine."""
    command = [UV, "export", "--quiet", "--locked", "--no-dev", "--no-emit-project", "--no-hashes", "--no-annotate"]
    done = subprocess.run(
        [*map(str, command), "--no-header", "--format", "requirements.txt"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = (Requirement(line) for line in done.stdout.splitlines())
    return [(item.name, next(iter(item.specifier)).version) for item in found]


def browser_assets() -> list[tuple[str, str, str]]:
    """Name, version and licence of what others made in maps/static."""
    return [match.group("name", "version", "licence") for match in _ASSET.finditer(ASSETS.read_text(encoding="utf-8"))]


def licence_of(name: str) -> str | None:
    """As the installed package says it; None for what is not installed here or says nothing."""
    try:
        told = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:
        return None
    classifiers = [
        text.rpartition(" :: ")[2] for text in told.get_all("Classifier") or () if text.startswith("License")
    ]
    first = (told.get("License") or "").strip().splitlines()
    return told.get("License-Expression") or next(iter(classifiers), None) or next(iter(first), None)


def make_bom() -> Bom:
    bom = Bom()
    version = importlib.metadata.version("buurtsignaal")
    licence = _licence(OWN_LICENCE)
    own = Component(name="buurtsignaal", version=version, type=ComponentType.APPLICATION, licenses=licence)
    bom.metadata.component = own
    parts = [*_components("pypi", ((*item, licence_of(item[0])) for item in locked_packages()))]
    parts += _components("npm", browser_assets())
    for part in parts:
        bom.components.add(part)
    bom.register_dependency(own, parts)
    return bom


def _components(kind: str, items: Iterable[tuple[str, str, str | None]]) -> Iterator[Component]:
    for name, version, licence in items:
        space, _, short = name.rpartition("/")
        address = PackageURL(kind, space or None, short, version)
        yield Component(
            name=name, version=version, purl=address, bom_ref=str(address), licenses=_licence(licence),
            type=ComponentType.LIBRARY,
        )  # fmt: skip


def _licence(text: str | None) -> list:
    return [_licences.make_from_string(text)] if text else []


def main() -> int:
    if len(sys.argv) != 2:
        print("Gebruik: python .ci/sbom.py UIT.json", file=sys.stderr)
        return 2
    target = Path(sys.argv[1])
    outputter = make_outputter(make_bom(), OutputFormat.JSON, SchemaVersion.V1_6)
    target.write_text(outputter.output_as_string(indent=2) + "\n", encoding="utf-8")
    print(f"De lijst van onderdelen staat in {target}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
