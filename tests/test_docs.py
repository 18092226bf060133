"""The handbook against the code: nothing is missing, nothing is stale, and every example can be typed."""

from __future__ import annotations

import importlib.util
import re
import shlex
import tomllib
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, cast

import pytest

from geo_service.domain.cijfers import Status, make_cijfer
from geo_service.identity import Role
from geo_service.release.cijfers import CijferTabel, GebiedCijfer
from geo_service.release.collecties import COLLECTIES
from geo_service.release.features import cijfer_properties
from geo_service.settings import Settings
from ingest.bronnen import parse_bronnen
from ingest.mapping import load_mapping
from tests.conftest import ROOT

HANDBOOK = ROOT / "docs" / "handleiding"
PAGES = sorted([ROOT / "README.md", *HANDBOOK.glob("*.md"), *(ROOT / "docs" / "decisions").glob("*.md")])


def _load_generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("opdrachten", ROOT / ".ci" / "opdrachten.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


generator = _load_generator()
COMMANDS: dict[str, Any] = dict(generator.commands())


def read(name: str) -> str:
    return (HANDBOOK / name).read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    """The code blocks of one language in a Markdown text."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def faults_of(line: str) -> list[str]:
    """What is wrong with a command as written in an example; empty when it can be typed."""
    words = shlex.split(line)
    name = max((known for known in COMMANDS if words[: len(known.split())] == known.split()), default=None)
    if name is None:
        return [f"unknown command: {line}"]
    options = {option for param in COMMANDS[name].params for option in param.opts} | {"--help"}
    return [f"{name}: {word}" for word in words if word.startswith("--") and word not in options]


def examples(text: str) -> list[str]:
    """Every call of our command line in the shell blocks of a text."""
    return [
        match.strip()
        for block in blocks(text, "sh")
        for match in re.findall(r"\bbuurtsignaal [a-z][^\n|)>\"#]*", block)
    ]


@pytest.mark.parametrize("name", sorted(generator.BLOCKS))
def test_generated_parts_are_up_to_date(name: str) -> None:
    assert read(name) == generator.render_page(name, read(name)), "run: .venv/bin/python .ci/opdrachten.py"


def test_every_setting_is_described() -> None:
    text = read("instellingen.md")
    missing = [name for name in Settings.model_fields if f"`{generator.env_name(name)}`" not in text]
    assert missing == []
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_every_command_has_its_help() -> None:
    text = read("opdrachten.md")
    assert len(COMMANDS) >= 15
    assert [name for name in COMMANDS if f"### {name}\n" not in text] == []
    undocumented = [
        f"{name} {param.opts[-1]}" for name, command in COMMANDS.items() for param in command.params if not param.help
    ]
    assert undocumented == []


def test_every_way_of_loading_has_an_example() -> None:
    shown = "\n".join(examples(read("inlezen.md")))
    loading = [name for name in COMMANDS if name.startswith("buurtsignaal ingest ")]
    assert [name for name in loading if name not in shown] == []


def test_every_collection_is_described() -> None:
    assert [name for name in COLLECTIES if f"`{name}`" not in read("api.md")] == []


def test_every_property_of_a_figure_is_explained() -> None:
    tabel = SimpleNamespace(
        gebied_naam=str, niveau="", categorie="", herkomst="",
        periode=SimpleNamespace(code=""), bron=SimpleNamespace(naam=""), noemers=SimpleNamespace(soort="", waarden={}),
    )  # fmt: skip
    figure = GebiedCijfer("BU01530000", make_cijfer(3, noemer=200, dekking=1.0, drempel=0), None, buiten_dekking=0)
    names = list(cijfer_properties(cast("CijferTabel", tabel), figure))
    assert len(names) > 15
    assert [name for name in names if f"`{name}`" not in read("api.md")] == []


def test_every_status_is_explained() -> None:
    assert [status for status in Status if f"`{status.value}`" not in read("kaart.md")] == []


def test_every_role_is_in_the_table_of_rights() -> None:
    text = read("beveiliging.md")
    assert [role for role in Role if not re.search(rf"^\| .*\b{role.value}\b", text, re.MULTILINE)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_every_example_can_be_typed(page: Path) -> None:
    faults = [fault for line in examples(page.read_text(encoding="utf-8")) for fault in faults_of(line)]
    assert faults == []


def test_an_example_that_cannot_be_typed_is_found() -> None:
    planted = "```sh\nbuurtsignaal ingest meldingen x.csv --bron a --bestaatniet\nbuurtsignaal niets\n```\n"
    found = [fault for line in examples(planted) for fault in faults_of(line)]
    assert found == ["buurtsignaal ingest meldingen: --bestaatniet", "unknown command: buurtsignaal niets"]


def test_toml_examples_are_read_by_the_readers() -> None:
    bronnen, mapping = (tomllib.loads(block) for block in blocks(read("inlezen.md"), "toml"))
    assert [bron.naam for bron in parse_bronnen(bronnen).bronnen] == ["meldpunt"]
    assert load_mapping(mapping).kolommen["melder"] == "klantnummer"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    broken = [link for link in re.findall(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)", text) if not _resolves(page, link)]
    assert broken == []


def _resolves(page: Path, link: str) -> bool:
    if link.startswith("https://"):
        return True
    name, _, anchor = link.partition("#")
    target = page.parent / name if name else page
    if not target.exists():
        return False
    if not anchor:
        return True
    headings = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
    return anchor in {re.sub(r"[^\w-]", "", heading.lower().replace(" ", "-")) for heading in headings}


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = sorted(int(path.name[:4]) for path in (ROOT / "docs" / "decisions").glob("*.md"))
    assert numbers == list(range(1, len(numbers) + 1))
