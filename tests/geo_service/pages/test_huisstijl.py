"""The design tokens of a municipality: what may be in the file, and what it changes in a browser."""

from __future__ import annotations

import re

import pytest

from geo_service.errors import Refused
from geo_service.pages.huisstijl import ADDRESS, read_tokens
from maps.assets import BASIS, STATIC
from tests.browser import violations
from tests.geo_service.api.website import serve
from tests.geo_service.support import settings

GREEN = "#0b5d1e"
TOKENS = f"""/* Voorbeeldstad; with a }} in a comment */
.voorbeeldstad-theme {{
  --utrecht-button-primary-action-background-color: var(--groen);
  --groen: {GREEN};
}}
"""
WRONG = {
    "een regel van buiten": ('@import "x.css";\n.a { --b: 1 }', "regel 1: bevat een @-regel"),
    "een bestand ophalen": (".a {\n  --b: url(https://elders.nl/x.png);\n}", "regel 2: gebruikt url() bij --b"),
    "ophalen met hoofdletters": (".a { --b: URL(x) }", "gebruikt url() bij --b"),
    "ophalen met een omweg": (".a { --b: image-set('x' 1x) }", "gebruikt image-set() bij --b"),
    "ophalen met een geheimschrift": (".a { --b: u\\72l }", "een waarde die niet kan bij --b"),
    "gewone CSS": ("\n\n.a { --b: 1; color: red }", "regel 3: zet “color: red”"),
    "een onderdeel": (".a .utrecht-button { --b: 1 }", "de selector “.a .utrecht-button”"),
    "twee thema's": (".a { --b: 1 }\n.b { --b: 2 }", "regel 2: bevat meer dan één thema (.a, .b)"),
    "een blok in een blok": ("@media print { .a { --b: 1 } }", "regel 1: bevat"),
    "een blok dat niet eindigt": (".a { --b: 1", "regel 1: bevat iets wat geen blok"),
    "een haakje te weinig": (".a { --b: calc(1px }", "een waarde die niet kan bij --b"),
    "het einde van de stijl": (".a { --b: </style> }", "een waarde die niet kan bij --b"),
    "niets": ("/* .a { --b: 1 } */", "bevat geen enkele eigen variabele"),
}


@pytest.mark.parametrize(("text", "told"), WRONG.values(), ids=WRONG)
def test_a_file_that_is_more_than_tokens_is_refused(tmp_path, text, told):
    path = tmp_path / "huisstijl.css"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Refused) as refusal:
        read_tokens(path)
    assert str(refusal.value).startswith("Het bestand van de huisstijl (BUURTSIGNAAL_HUISSTIJL_CSS)")
    assert told in str(refusal.value)


def test_the_website_does_not_start_with_a_bad_file(demo_url, tmp_path):
    for path in (tmp_path / "is er niet.css", tmp_path):
        with settings(huisstijl_css=path), pytest.raises(Refused, match="niet te lezen"), serve(demo_url):
            pass


def test_only_tokens_leave_and_unchanged_ones_once(demo_url, demo, tmp_path):
    path = tmp_path / "huisstijl.css"
    path.write_text(TOKENS, encoding="utf-8")
    with settings(huisstijl_css=path), serve(demo_url) as site:
        answer = site.client.get(ADDRESS)
        again = site.client.get(ADDRESS, headers={"If-None-Match": answer.headers["etag"]})
    assert answer.headers["content-type"].startswith("text/css")
    assert re.findall(r"--[\w-]+: [^;]+;", answer.text) == [
        "--utrecht-button-primary-action-background-color: var(--groen);",
        f"--groen: {GREEN};",
    ]
    assert (again.status_code, again.content) == (304, b"")
    assert demo.client.get(ADDRESS).status_code == 404
    assert ADDRESS not in demo.client.get("/").text


def look(watched, address):
    """The colour of a button of the map page, and the colours of its areas."""
    watched.page.goto(f"{address}/kaart")
    watched.page.wait_for_selector("path.bs-gebied")
    assert watched.errors == []
    assert {request.split("/")[2] for request in watched.requests} == {address.split("/")[2]}
    button = watched.page.locator("form.bs-filter button.utrecht-button").evaluate(
        "e => getComputedStyle(e).backgroundColor"
    )
    return button, watched.page.locator("path.bs-gebied").evaluate_all("all => all.map(e => e.getAttribute('fill'))")


@pytest.mark.browser
def test_a_mounted_file_changes_the_buttons_and_not_the_map(visit, demo, demo_url, tmp_path):
    path = tmp_path / "huisstijl.css"
    path.write_text(TOKENS, encoding="utf-8")
    with settings(huisstijl_css=path), serve(demo_url) as site:
        button, areas = look(visit(), site.address)
    assert button == "rgb(11, 93, 30)" == "rgb({}, {}, {})".format(*bytes.fromhex(GREEN[1:]))
    usual, same = look(visit(), demo.address)
    assert usual != button
    assert same == areas != []


@pytest.mark.browser
def test_a_focused_button_and_field_are_in_contrast_too(visit, demo):
    """The design system colours what has the focus; the other tests look at pages at rest."""
    watched = visit()
    watched.page.goto(f"{demo.address}/voorzieningen")
    for selector in ("main select", "main button.utrecht-button"):
        watched.page.locator(selector).first.focus()
        assert violations(watched.page) == []


def test_every_class_of_the_design_system_in_a_template_has_its_rules():
    css = (STATIC / "nlds" / "utrecht.css").read_text(encoding="utf-8")
    folders = (STATIC.parent / "sjablonen", STATIC.parents[1] / "geo_service" / "pages" / "templates")
    templates = "".join(path.read_text(encoding="utf-8") for folder in folders for path in folder.rglob("*.html"))
    used = set(re.findall(r"utrecht-[a-z0-9_-]+", templates))
    assert len(used) > 10
    assert {name for name in used if not re.search(rf"\.{name}(?![\w-])", css)} == set()


def test_every_token_that_the_style_sheets_read_without_another_choice_exists():
    text = "".join((STATIC / name).read_text(encoding="utf-8") for name in BASIS if name != "nlds/utrecht.css")
    given = set(re.findall(r"(--[\w-]+):", text))
    asked = set(re.findall(r"var\(\s*(--[\w-]+)\s*\)", text))
    assert len(asked) > 100
    assert asked - given == set()


def test_every_page_of_its_own_style_sheets_begins_with_those_of_the_design_system():
    """A list that names the house style itself leaves out what it stands on: BASIS of maps.assets is all of it."""
    service = STATIC.parents[1] / "geo_service"
    alone = [path.name for path in service.rglob("*.py") if '"huisstijl.css"' in path.read_text(encoding="utf-8")]
    assert alone == []
