"""Corrections of places: everyone sees the value and the day, staff see why, and the source can be loaded again."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest

from geo_service.db.connection import Role as DatabaseRole
from geo_service.db.engine import Database
from geo_service.identity import Viewer
from geo_service.release.geheugen import STAND_SECONDS
from tests.browser import Visitors, start_chromium, violations
from tests.geo_service import dorp
from tests.geo_service.api.website import Website, token_of, viewers_of
from tests.geo_service.support import load, rows, value
from tests.geo_service.werk.conftest import Person

GEMEENTE = dorp.GEMEENTE
VIEWERS = viewers_of(GEMEENTE, f"{GEMEENTE}-SD-noord")
REGISSEUR, BEHEER = VIEWERS["wijkregisseur"], VIEWERS["gegevensbeheerder"]
OTHER_TOWN = Viewer(REGISSEUR.role, "GM0106", frozenset({"GM0106-SD-noord"}))
REASON = "Bordje op de deur, gezien tijdens de ronde"
COLUMNS = ("sleutel", "naam", "type", "openingstijden", "zonder_verwijzing", "x", "y")
PLEK = f"/verbeteren/{GEMEENTE}/voorzieningen/plekken/V1"
NEW = {"type": "inloop", "openingstijden": "di 10-12 uur", "zonder_verwijzing": "ja", "reden": REASON}
ITEMS = "/v1/collections/voorzieningen/items"
Come = Callable[[Viewer], Person]


def load_plekken(url: str, folder: Path, hours: str) -> None:
    x, y = dorp.MIDDLE[dorp.NW]
    places = [
        {"sleutel": f"V{n}", "naam": f"Plek {n}", "type": "inloop" if n == 1 else "speeltuin", "openingstijden": hours,
         "zonder_verwijzing": "ja", "x": x + n, "y": y} for n in (1, 2)
    ]  # fmt: skip
    path = dorp.write_csv(folder / "plekken.csv", places, COLUMNS)
    load("ingest", "voorzieningen", path, "--bron", "plekken", "--gemeente", GEMEENTE, url=url)


@pytest.fixture
def werk_url(dorp_url: str, tmp_path: Path) -> str:
    """The village with two places."""
    load_plekken(dorp_url, tmp_path, "ma-vr 9-17 uur")
    return dorp_url


def listed(site: Website) -> dict[str, str]:
    """The rows of the public list, by name of the place."""
    page = site.client.get("/voorzieningen").text
    found = re.findall(r'<tr>\s*<th scope="row">(Plek \d)(.*?)</tr>', page, re.DOTALL)
    return {name: re.sub(r"<[^>]+>|\s+", " ", rest) for name, rest in found}


def in_api(site: Website) -> dict[str, dict[str, Any]]:
    time.sleep(STAND_SECONDS)
    return {item["properties"]["naam"]: item["properties"] for item in site.get(ITEMS).json()["features"]}


def number(url: str) -> int:
    found: int = value(url, "select max(nummer) from intern.correctie")
    return found


def today() -> str:
    return f"{datetime.now(ZoneInfo('Europe/Amsterdam')):%d-%m-%Y}"


def test_everyone_sees_the_value_and_the_day_and_never_who_or_why(werk_url: str, website: Website, person: Come):
    before = website.get(ITEMS)
    done = person(REGISSEUR).send(PLEK, PLEK, **NEW)
    assert (done.status_code, done.headers["location"]) == (303, PLEK)
    row = listed(website)["Plek 1"]
    assert "di 10-12 uur" in row
    assert f"gecorrigeerd op {today()} door een medewerker" in row
    assert "gecorrigeerd" not in listed(website)["Plek 2"]
    after = in_api(website)
    assert after["Plek 1"]["openingstijden"] == "di 10-12 uur"
    assert after["Plek 1"]["gecorrigeerd_op"] == "-".join(reversed(today().split("-")))
    assert after["Plek 2"]["gecorrigeerd_op"] is None
    assert website.get(ITEMS).headers["etag"] != before.headers["etag"]
    everything = website.get(ITEMS).text + website.client.get("/voorzieningen").text
    for secret in (REASON, "wijkregisseur", value(werk_url, "select medewerker from intern.correctie")):
        assert secret not in everything
    # Only what was changed was corrected.
    assert rows(werk_url, "select veld, oud, waarde, rol from intern.correctie") == [
        ("openingstijden", "ma-vr 9-17 uur", "di 10-12 uur", "wijkregisseur")
    ]


def test_it_stays_when_the_source_is_loaded_again_until_it_is_withdrawn(
    werk_url: str, website: Website, person: Come, tmp_path: Path
):
    staff = person(REGISSEUR)
    assert staff.send(PLEK, PLEK, **NEW).status_code == 303
    load_plekken(werk_url, tmp_path, "za 9-12 uur")
    assert in_api(website)["Plek 1"]["openingstijden"] == "di 10-12 uur"
    assert in_api(website)["Plek 2"]["openingstijden"] == "za 9-12 uur"
    page = staff.see(PLEK)
    for told in ("De bron zegt: za 9-12 uur", "ma-vr 9-17 uur", REASON):
        assert told in page
    withdrawn = person(BEHEER).send(f"/verbeteringen/{number(werk_url)}/intrekken", "/verbeteringen")
    assert withdrawn.status_code == 303
    assert in_api(website)["Plek 1"]["openingstijden"] == "za 9-12 uur"
    assert "gecorrigeerd" not in listed(website)["Plek 1"]
    page = person(BEHEER).see("/verbeteringen")
    assert ("ingetrokken" in page, "Plek 1</a>" in page) == (True, True)
    assert person(BEHEER).send(f"/verbeteringen/{number(werk_url)}/intrekken", PLEK).status_code == 404


def test_a_second_correction_takes_the_place_of_the_first(werk_url: str, website: Website, person: Come):
    staff = person(REGISSEUR)
    staff.send(PLEK, PLEK, **NEW)
    staff.send(PLEK, PLEK, **NEW | {"openingstijden": "wo 10-12 uur", "type": "speeltuin", "zonder_verwijzing": "nee"})
    place = in_api(website)["Plek 1"]
    assert (place["openingstijden"], place["type"], place["zonder_verwijzing"]) == ("wo 10-12 uur", "speeltuin", False)
    assert value(werk_url, "select count(*) from intern.correctie where ingetrokken_op is null") == 3


def test_what_is_no_longer_there_leaves_the_list_and_can_come_back(werk_url: str, website: Website, person: Come):
    staff = person(REGISSEUR)
    same = NEW | {"openingstijden": "ma-vr 9-17 uur"}
    assert staff.send(PLEK, PLEK, **same, bestaat_niet="ja").status_code == 303
    assert list(listed(website)) == ["Plek 2"]
    assert in_api(website)["Plek 1"]["geldig_tot"] < "-".join(reversed(today().split("-")))
    assert "Plek 1" not in website.client.get("/zoeken", params={"q": "Plek 1"}).text.partition("<main")[2].replace(
        'value="Plek 1"', ""
    ).replace("“Plek 1”", "")
    assert staff.send(PLEK, PLEK, **same).status_code == 303
    assert list(listed(website)) == ["Plek 1", "Plek 2"]


WRONG = {
    "niets veranderd": ({"openingstijden": "ma-vr 9-17 uur"}, "U heeft niets veranderd."),
    "leeg": ({"openingstijden": " "}, "Openingstijden leegmaken kan niet."),
    "te lang": ({"openingstijden": "ma " * 80}, "ten hoogste 200 tekens; dit zijn er 239"),
    "een nummer": ({"openingstijden": "bel 06-12345678"}, "Hierin lijkt een telefoonnummer te staan."),
    "een onbekende soort": ({"type": "kasteel"}, "Kies een soort uit de lijst."),
    "geen keuze": ({"zonder_verwijzing": "misschien"}, "Kies of een verwijzing nodig is."),
    "geen reden": ({"reden": "zomaar"}, "Schrijf in 10 tot 500 tekens hoe u dit weet."),
    "een reden met een adres": (
        {"reden": "Mail aan jan@voorbeeld.nl"},
        "Hierin lijkt een e-mailadres te staan.",
    ),
}


def test_what_is_wrong_is_said_in_dutch_and_what_was_typed_stays(werk_url: str, person: Come):
    staff = person(REGISSEUR)
    for name, (fields, told) in WRONG.items():
        answer = staff.send(PLEK, PLEK, **NEW | fields)
        assert (answer.status_code, told in answer.text) == (400, True), name
        # A list keeps no choice that it does not have.
        for typed in (fields.get("openingstijden", NEW["openingstijden"]), fields.get("reden", REASON)):
            assert " ".join(typed.split()) in re.sub(r"\s+", " ", answer.text), name
    assert value(werk_url, "select count(*) from intern.correctie") == 0


def test_nobody_else_may(werk_url: str, website: Website, person: Come):
    others = [VIEWERS[role] for role in ("onderzoeker", "beheerder")]
    nobody = Viewer(REGISSEUR.role, GEMEENTE, frozenset())
    for viewer in (*others, OTHER_TOWN, nobody):
        who = person(viewer)
        assert "Verbeter<" not in who.see(f"/voorzieningen?gemeente={GEMEENTE}")
        assert who.client.get(PLEK).status_code == 404
        assert who.send(PLEK, "/toegankelijkheid", **NEW).status_code in (403, 404)
    assert website.client.get(PLEK).status_code == 404
    assert website.client.get("/verbeteringen").status_code == 404
    assert person(REGISSEUR).client.post(PLEK, data=NEW).status_code == 403
    for path in ("V9", "V1/x"):
        assert person(REGISSEUR).client.get(PLEK.replace("V1", path)).status_code == 404
    assert value(werk_url, "select count(*) from intern.correctie") == 0


def test_the_database_itself_refuses_another_gemeente(werk_url: str):
    statement = (
        "insert into intern.correctie (gemeente_code, laag, bron, sleutel, veld, waarde, reden, medewerker, rol) "
        f"values ('{GEMEENTE}', 'voorzieningen', 'plekken', 'V1', 'type', 'x', '{REASON}', 'a', 'wijkregisseur') "
        "returning nummer"
    )
    scope = {"buurtsignaal.gemeente": "GM0106", "buurtsignaal.stadsdelen": "alle", "buurtsignaal.medewerker": "a"}

    async def write(**changes: str) -> str:
        database = Database(werk_url, pool_size=1)
        try:
            async with database.connect(DatabaseRole.WERK, scope | changes) as connection:
                await connection.fetch(statement, {})
                return "geschreven"
        except psycopg.errors.InsufficientPrivilege:
            return "geweigerd"
        finally:
            await database.close()

    assert asyncio.run(write()) == "geweigerd"
    assert asyncio.run(write(**{"buurtsignaal.gemeente": GEMEENTE, "buurtsignaal.medewerker": "b"})) == "geweigerd"
    assert asyncio.run(write(**{"buurtsignaal.gemeente": GEMEENTE})) == "geschreven"


def test_every_act_is_in_the_log_without_what_was_said(werk_url: str, website: Website, person: Come):
    staff = person(REGISSEUR)
    staff.send(PLEK, PLEK, **NEW)
    staff.send(f"/verbeteringen/{number(werk_url)}/intrekken", PLEK)
    found = "select handeling, object, rol from intern.logboek where handeling like %s order by nummer"
    for _ in range(50):
        done = rows(werk_url, found, "verbeter%") + rows(werk_url, found, "plek%")
        if len(done) == 2:
            break
        asyncio.run(asyncio.sleep(0.1))
    what = f"verbetering {number(werk_url)}"
    assert sorted(done) == [
        ("plek verbeteren", what, "wijkregisseur"),
        ("verbetering intrekken", what, "wijkregisseur"),
    ]
    assert value(werk_url, "select count(*) from intern.logboek where object like %s", f"%{REASON[:12]}%") == 0


@pytest.fixture
def visitors(website: Website) -> Iterator[Visitors]:
    with start_chromium() as browser:
        yield Visitors(browser, reduced_motion="reduce")


@pytest.mark.browser
def test_by_keyboard_on_a_phone_with_no_accessibility_rule_broken(website: Website, visitors: Visitors):
    seen = visitors.welcome("telefoon")
    page = seen.page
    page.goto(f"{website.address}/ontwikkel/inloggen?token={token_of(BEHEER)}")
    seen.errors.clear()
    page.goto(f"{website.address}/voorzieningen")
    page.get_by_role("link", name="Verbeter Plek 1").press("Enter")
    page.get_by_label("Openingstijden").fill("di 10-12 uur")
    page.get_by_label("Hoe weet u dit?").fill(REASON)
    assert violations(page) == []
    page.get_by_role("button", name="Bewaar").press("Enter")
    page.wait_for_selector("text=Eerder verbeterd")
    assert violations(page) == []
    page.get_by_role("link", name="Verbeteringen").press("Enter")
    page.wait_for_url("**/verbeteringen")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Trek in").press("Enter")
    page.wait_for_selector("text=ingetrokken")
    assert seen.errors == []
