"""What the build server looks after: the list of parts, and known vulnerabilities."""

from __future__ import annotations

import importlib.util
import json
import sys
import tomllib
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType

import pytest
from cyclonedx.schema import OutputFormat, SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from maps.assets import STATIC
from tests.conftest import ROOT

TODAY = date(2026, 11, 22)


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"ci_{name}", ROOT / ".ci" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


audit, sbom = _load("audit"), _load("sbom")
FOUND = audit.Kwetsbaarheid("voorbeeld", "1.0", "PYSEC-1")


def excuse(tot: date, **changes: str):
    return audit.Uitzondering(
        **({"id": "PYSEC-1", "pakket": "voorbeeld", "reden": "Niet gebruikt."} | changes), tot=tot
    )


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> str:
    target = tmp_path_factory.mktemp("sbom") / "sbom.json"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["sbom.py", str(target)])
        assert sbom.main() == 0
    return target.read_text(encoding="utf-8")


def test_the_list_of_parts_is_good_cyclonedx(parts: str) -> None:
    assert OutputFormat.JSON
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(parts) is None


def test_every_package_that_runs_is_on_the_list_with_its_version(parts: str) -> None:
    listed = {item["purl"] for item in json.loads(parts)["components"]}
    locked = {
        package["name"]: package["version"]
        for package in tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]
    }
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for line in project["dependencies"]:
        name = sbom.Requirement(line).name
        assert f"pkg:pypi/{name}@{locked[name]}" in listed
    assert len(listed) > 60
    assert not [item for item in listed if item.startswith(("pkg:pypi/pytest", "pkg:pypi/ruff"))]


def test_every_file_of_others_in_the_browser_is_on_the_list(parts: str) -> None:
    assets = {item["name"]: item for item in json.loads(parts)["components"] if item["purl"].startswith("pkg:npm/")}
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    scripts = "".join((STATIC / name).read_text(encoding="utf-8") for name in ("vernieuw.mjs", "nlds.mjs"))
    copied = {name for name in package if f'"{name}/' in scripts}
    assert set(assets) == copied
    for name, item in assets.items():
        assert item["version"] == lock[f"node_modules/{name}"]["version"]
        assert item["licenses"][0]["license"]["id"] == lock[f"node_modules/{name}"]["license"]


def test_nearly_every_part_has_a_licence(parts: str) -> None:
    """What is only used on another system or by another Python is not installed here and cannot be asked."""
    without = {item["name"] for item in json.loads(parts)["components"] if not item.get("licenses")}
    assert without <= {"brotlicffi", "colorama"}


def test_no_excuse_is_expired_and_each_has_a_reason() -> None:
    for row in audit.read_excuses():
        assert row.tot >= date.today(), row
        assert row.tot <= date.today() + timedelta(days=366), row
        assert len(row.reden) > 10, row


def test_an_excuse_without_a_reason_or_a_day_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "k.toml"
    path.write_text('[[uitzondering]]\nid = "PYSEC-1"\npakket = "x"\ntot = 2027-01-01\n', encoding="utf-8")
    with pytest.raises(TypeError, match="reden"):
        audit.read_excuses(path)


@pytest.mark.parametrize(
    ("excuses", "faults"),
    [
        ([], 1),
        ([excuse(TODAY)], 0),
        ([excuse(TODAY - timedelta(days=1))], 2),
        ([excuse(TODAY, id="PYSEC-2")], 1),
        ([excuse(TODAY, pakket="ander")], 1),
    ],
)
def test_what_is_found_is_told_unless_it_is_excused(excuses: list, faults: int) -> None:
    assert len(audit.judge([FOUND], excuses, TODAY)) == faults


def test_answers_of_pip_audit_are_read() -> None:
    packages = [("a", "1", []), ("b", "2", [{"id": "X"}])]
    good = {"dependencies": [{"name": name, "version": version, "vulns": vulns} for name, version, vulns in packages]}
    assert audit.read_pip_audit(json.dumps(good)) == [audit.Kwetsbaarheid("b", "2", "X")]


@pytest.mark.parametrize(
    "silent",
    [
        "",
        "Traceback",
        "[]",
        "{}",
        '{"dependencies": []}',
        '{"dependencies": [{"name": "a", "skip_reason": "Dependency not found on PyPI"}]}',
        '{"dependencies": [{"name": "a", "version": "1", "vulns": []}, {"name": "b", "skip_reason": "x"}]}',
    ],
)
def test_a_package_that_could_not_be_looked_up_is_not_safe(silent: str) -> None:
    with pytest.raises(audit.Unreachable):
        audit.read_pip_audit(silent)


def test_answers_of_npm_are_read() -> None:
    via = {"source": 1, "url": "https://github.com/advisories/GHSA-x"}
    told = {"vulnerabilities": {"leaflet": {"range": "<2", "via": [via, "ander"]}, "ander": {"via": ["leaflet"]}}}
    assert audit.read_npm_audit(json.dumps(told)) == [audit.Kwetsbaarheid("leaflet", "<2", "GHSA-x")]
    assert audit.read_npm_audit('{"vulnerabilities": {}}') == []
    with pytest.raises(audit.Unreachable):
        audit.read_npm_audit('{"message": "405 Method Not Allowed"}')


@pytest.mark.parametrize(("demand", "code"), [("", 0), ("verplicht", 1)])
def test_not_being_able_to_ask_is_said_and_fails_only_on_demand(monkeypatch, capsys, demand: str, code: int) -> None:
    def silent():
        raise audit.Unreachable

    monkeypatch.setattr(audit, "audit_python", silent)
    monkeypatch.setattr(audit, "audit_npm", lambda: [])
    monkeypatch.setenv("BUURTSIGNAAL_AUDIT", demand)
    assert audit.main() == code
    told = capsys.readouterr().out
    assert told.startswith("Niet nagekeken op kwetsbaarheden: de pakketten voor Python (uv.lock), want")
    assert "Geen bekende" not in told


def test_what_is_found_fails(monkeypatch, capsys) -> None:
    monkeypatch.setattr(audit, "audit_python", lambda: [FOUND])
    monkeypatch.setattr(audit, "audit_npm", lambda: [])
    assert audit.main() == 1
    assert capsys.readouterr().out == "voorbeeld 1.0 heeft een bekende kwetsbaarheid: PYSEC-1.\n"


def test_the_build_server_does_both() -> None:
    run = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "make audit sbom" in run
