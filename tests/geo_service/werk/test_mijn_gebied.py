"""The start page of staff: what changed since they were here, and no more than that."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest

from geo_service.identity import Viewer
from geo_service.release.geheugen import STAND_SECONDS
from tests.geo_service import dorp
from tests.geo_service.api.website import Website, viewers_of
from tests.geo_service.support import change, load
from tests.geo_service.werk.conftest import Person

GEMEENTE = dorp.GEMEENTE
NOORD, ZUID = f"{GEMEENTE}-SD-noord", f"{GEMEENTE}-SD-zuid"
REGISSEUR = viewers_of(GEMEENTE, NOORD)["wijkregisseur"]
ELSEWHERE = Viewer(REGISSEUR.role, GEMEENTE, frozenset({ZUID}))
MONTHS = [f"{year}-{month:02d}" for year in (2024, 2025) for month in range(1, 13)]
# A source covers whole weeks, so the month before the last is its last whole one.
BEFORE, AFTER = "september 2025", "2025-11"
USUAL, RISE = 6, 31
AGED = "update intern.laatste_bezoek set gezien_op = now() - interval '3 days'"
Come = Callable[[Viewer], Person]


def write_months(folder: Path, months: list[str], rise: str | None) -> Path:
    """USUAL reports a month in each buurt; in month ``rise`` RISE in one buurt of Noord."""
    reports, number = [], 0
    for month in months:
        for buurt in dorp.MIDDLE:
            for turn in range(RISE if month == rise and buurt == dorp.NW else USUAL):
                number += 1
                day = 1 + (number * 7 + turn) % 28 if turn else 28
                moment = f"{month}-{day:02d}T12:00:00Z"
                reports.append(dorp.melding(number, buurt=buurt, created_at=moment))
    return dorp.write_csv(folder / f"{months[-1]}.csv", reports)


@pytest.fixture
def werk_url(dorp_url: str, tmp_path: Path) -> str:
    load("ingest", "meldingen", write_months(tmp_path, MONTHS[:-2], None), "--bron", "lijst", url=dorp_url)
    return dorp_url


def words(page: str) -> str:
    part = page.split('id="mijn-gebied"')[1].split("</section>")[0]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", part)))


def test_news_is_what_came_since_and_is_beyond_noise(werk_url: str, person: Come, website: Website, tmp_path: Path):
    who = person(REGISSEUR)
    first = words(who.see("/"))
    assert "Dit is uw eerste bezoek." in first
    assert f"Niets bijzonders in lijst ({BEFORE}, " in first
    # The same visit: nothing is new, and nothing was before.
    assert words(who.see("/")) == first
    change(werk_url, AGED)
    assert "Er zijn sinds uw vorige bezoek geen nieuwe gegevens." in words(who.see("/"))
    change(werk_url, AGED)
    load("ingest", "meldingen", write_months(tmp_path, MONTHS, AFTER), "--bron", "lijst", url=werk_url)
    time.sleep(STAND_SECONDS)
    told = words(who.see("/"))
    asked = {"niveau": "buurt", "periode": AFTER, "gebied": dorp.NW, "bron": "lijst"}
    (figure,) = website.features("meldingen-per-gebied", REGISSEUR, **asked)
    assert figure["properties"]["aantal"] == RISE
    found = re.findall(r"(Buurt [\w -]+?)\s*: (\d+) meldingen, (meer|minder) dan u mag verwachten", told)
    assert [(name.strip(), number, way) for name, number, way in found] == [
        (figure["properties"]["gebied_naam"], str(RISE), "meer")
    ]
    assert figure["properties"]["herkomst"] in told
    # Of another stadsdeel nothing was beyond noise, and what happened here is not told there.
    assert "mag verwachten (" not in words(person(ELSEWHERE).see("/"))


def test_notes_of_colleagues_since_then_are_told(werk_url: str, person: Come):
    who, colleague = person(REGISSEUR), person(Viewer(viewers_of(GEMEENTE, NOORD)["stadsdeelmanager"].role, GEMEENTE,
                                                      frozenset({NOORD})))  # fmt: skip
    who.see("/")
    change(werk_url, AGED)
    fields = {"over": "", "oordeel": "uitleg", "tekst": "Sinds de herinrichting is het rustig."}
    colleague.send(f"/gebied/{NOORD}/notities", f"/gebied/{NOORD}", **fields)
    who.send(f"/gebied/{NOORD}/notities", f"/gebied/{NOORD}", **fields | {"tekst": "Mijn eigen notitie."})
    told = words(who.see("/"))
    assert "Sinds de herinrichting is het rustig." in told
    assert "Mijn eigen notitie." not in told


@pytest.mark.parametrize("path", [f"/gebied/{NOORD}", "/voorzieningen", "/kaart"])
def test_a_page_tells_what_was_loaded_since_though_nobody_asked_the_api(werk_url: str, website: Website, path: str):
    assert "Nieuwdorp" not in website.get(path).text
    change(werk_url, "update publiek.gemeente set naam = 'Nieuwdorp'")
    time.sleep(STAND_SECONDS)
    assert "Nieuwdorp" in website.get(path).text


def test_who_is_no_staff_has_no_area_of_their_own(website: Website, person: Come):
    for page in (website.get("/").text, person(viewers_of(GEMEENTE, NOORD)["onderzoeker"]).see("/")):
        assert 'id="mijn-gebied"' not in page
