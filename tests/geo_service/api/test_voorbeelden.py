"""The same question in other tools: what is written down can be run, and asks exactly what was asked."""

from __future__ import annotations

import ast
import contextlib
import io
import shlex
import subprocess
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pyogrio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.api.voorbeelden import TOKEN, Bevraagd, voorbeelden
from tests.geo_service.api.website import token_of, viewers_of

API = "https://buurtsignaal.voorbeeld.nl/v1"
PAGINA = 5_000
REGISSEUR = viewers_of("GM0153", "GM0153-SD-noord")["wijkregisseur"]
QUERIES = st.dictionaries(
    st.sampled_from(["filter", "bron", "niveau", "naam", "properties", "cursor", "offset", "f", "limit"]), st.text()
)


def blocks(vraag: dict[str, str], **more: Any) -> dict[str, str]:
    asked = Bevraagd(more.pop("api", API), "buurten", "Buurten", vraag, PAGINA, **more)
    return {block.naam: block.code for block in voorbeelden(asked)}


def constant(code: str, name: str) -> str:
    """The text that a program assigns to a name."""
    (found,) = (
        node.value.value
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        if [target.id for target in node.targets if isinstance(target, ast.Name)] == [name]
    )
    assert isinstance(found, str)
    return found


def asked(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True, strict_parsing=True))


@given(QUERIES, st.booleans())
def test_any_question_is_valid_python_that_asks_the_same(vraag, token):
    url = constant(blocks(vraag, token=token)["python"], "URL")
    kept = {naam: waarde for naam, waarde in vraag.items() if naam not in ("cursor", "offset", "f")}
    assert asked(url) == kept | {"f": "fgb"}
    assert url.partition("?")[0] == f"{API}/collections/buurten/items"
    assert url.isascii()


@given(QUERIES)
def test_the_command_line_sees_one_address(vraag):
    command = shlex.split(blocks(vraag, token=True)["url"])
    assert command[:2] == ["curl", "--header"]
    assert asked(command[-1])["f"] == "json"
    assert len(command) == 4


@given(QUERIES, st.booleans())
def test_r_gets_the_same_address_as_python(vraag, token):
    found = blocks(vraag, token=token)
    (line,) = (line for line in found["r"].splitlines() if line.startswith("url <- "))
    assert ast.literal_eval(line.removeprefix("url <- ")) == constant(found["python"], "URL")


def test_qgis_is_told_the_service_the_layer_the_filter_and_the_question():
    found = blocks({"filter": "naam = 'City'", "limit": "5"})["qgis"]
    assert found.splitlines() == [
        f"Adres van de dienst:  {API}/",
        "Laag:                 Buurten (buurten)",
        "Filter:               naam = 'City'",
        f"Precies deze vraag:   {API}/collections/buurten/items?filter=naam%20%3D%20%27City%27&limit=5&f=fgb",
    ]
    assert "Filter:" not in blocks({"filter": "{}", "filter-lang": "cql2-json"})["qgis"]


@pytest.mark.parametrize("name", ["url", "python", "r", "gdal"])
def test_a_token_is_asked_for_when_needed_and_never_written_down(name):
    assert TOKEN not in blocks({})[name]
    assert TOKEN in blocks({}, token=True)[name]
    assert "eyJ" not in blocks({}, token=True)[name]


@pytest.mark.parametrize(
    ("collection", "vraag"),
    [
        ("buurten", {}),
        ("meldingen-per-gebied", {"niveau": "wijk", "periode": "2025"}),
        ("voorzieningen", {"filter": "CASEI(naam) LIKE CASEI('%speeltuin%')", "crs": "EPSG:28992"}),
        ("voorzieningen", {"filter": "naam = 'bestaat ''niet'' \"\\n'"}),
        ("buurten", {"bbox": "6.85,52.20,6.92,52.24"}),
    ],
)
def test_the_python_block_gets_as_many_features_as_the_service_has(demo, collection, vraag):
    answer = demo.items(collection, **vraag)
    asked = Bevraagd(f"{demo.address}/v1", collection, "", vraag, PAGINA)
    assert run(asked) == f"{answer['numberMatched']} objecten\n"


def test_the_python_block_of_a_role_reads_the_token_from_the_environment(demo, monkeypatch):
    monkeypatch.setenv(TOKEN, token_of(REGISSEUR))
    vraag = {"filter": "tijd > TIMESTAMP('2025-06-01T00:00:00Z')"}
    matched = demo.items("meldingen", REGISSEUR, limit=1, **vraag)["numberMatched"]
    assert matched > 100
    assert run(Bevraagd(f"{demo.address}/v1", "meldingen", "", vraag, PAGINA, token=True)) == f"{matched} objecten\n"


@pytest.mark.parametrize(
    ("collection", "vraag", "viewer"),
    [
        ("voorzieningen", {"filter": "CASEI(naam) LIKE CASEI('%speeltuin%')"}, None),
        ("meldingen", {"bbox": "6.85,52.20,6.92,52.24", "status": "afgehandeld"}, REGISSEUR),
    ],
)
def test_gdal_gets_the_question_and_the_layer(demo, collection, vraag, viewer, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(TOKEN, token_of(viewer) if viewer else "")
    asked = Bevraagd(f"{demo.address}/v1", collection, "", vraag, PAGINA, token=viewer is not None)
    (code,) = (block.code for block in voorbeelden(asked) if block.naam == "gdal")
    demo.asked.clear()
    subprocess.run(["sh", "-e", "-c", code], check=True, capture_output=True)
    expected = [demo.items(collection, viewer, limit=1, **own)["numberMatched"] for own in (vraag, {})]
    assert [pyogrio.read_info(name)["features"] for name in ("vraag.gpkg", f"{collection}.gpkg")] == expected
    assert 10 < expected[0] < expected[1]
    pages = [page for page in demo.asked if "/items?" in page and f"limit={PAGINA}" in page]
    assert len(pages) >= expected[1] / PAGINA


def run(asked: Bevraagd) -> str:
    """What the Python block prints."""
    printed = io.StringIO()
    (code,) = (block.code for block in voorbeelden(asked) if block.naam == "python")
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "voorbeeld", "exec"), {})  # noqa: S102
    return printed.getvalue()
