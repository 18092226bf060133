"""Looking back takes what the viewer sees: own areas by month, others by released quarter, hidden ones not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from geo_service.db.engine import Database
from geo_service.errors import InvalidParameters, NotFound
from geo_service.identity import Role, Viewer
from geo_service.pages.terugblik import _armen, _vensters
from geo_service.release.geheugen import Geheugen
from geo_service.release.terugblik import Terugblik, TerugblikVraag, terugblik
from tests.geo_service.pool import ask_database
from tests.geo_service.release.dorp import (
    BRONNEN,
    CORNER,
    GEMEENTE,
    MANAGER,
    ONDERZOEKER,
    OOST,
    PUBLIEK,
    REGISSEUR_ELDERS,
    REGISSEUR_WEST,
    buurt_code,
    letter_of,
    load_dorp,
    load_tellingen,
    load_vintage,
)
from tests.geo_service.support import change

TWO_YEARS = """
[[dekking]]
bron = "meldpunt"
gebied = "GM0999"
van = 2023-01-01
tot = 2024-12-31
"""
REGISSEUR_OOST = Viewer(Role.WIJKREGISSEUR, GEMEENTE, frozenset({OOST}))


def reports(hidden: int = 3) -> list[tuple[str, str, str, int]]:
    """Forty a month everywhere, in A half as many from 2024; in F hardly any in one quarter and more in the next."""
    rows = []
    for year in (2023, 2024):
        for month in range(1, 13):
            for letter in "ABCDEFGH":
                n = 20 if letter == "A" and year == 2024 else 40 + month % 3
                if letter == "F" and (year, month) in ((2023, 4), (2023, 5), (2023, 6)):
                    n = hidden if month == 4 else 0
                if letter == "F" and (year, month) in ((2023, 7), (2023, 8), (2023, 9)):
                    n += 40
                rows.append((letter, f"{year}-{month:02}-10", "afval-zwerfafval", n))
    return rows


def add_action(url: str, sleutel: str, **values: Any) -> None:
    row = {"gebied_codes": buurt_code("A"), "van": date(2024, 1, 1), "signaal_bron": "meldpunt", "categorie": "afval"}
    change(
        url,
        "insert into intern.interventie (gemeente_code, bron, inhoud_hash, sleutel, naam, gebied_codes, van, "
        "signaal_bron, categorie) values (%s, 'acties', 0, %s, %s, %s, %s, %s, %s)",
        GEMEENTE, sleutel, f"Actie {sleutel}", *(row | values).values(),
    )  # fmt: skip


def make_village(server, migrated, name: str, hidden: int = 3) -> str:
    url = load_dorp(server.clone(migrated, name), bronnen=BRONNEN + TWO_YEARS)
    load_tellingen(url, reports(hidden))
    add_action(url, "een")
    return url


@pytest.fixture(scope="module")
def village(server, migrated, worker):
    name = f"{worker}_terugblik"
    yield make_village(server, migrated, name)
    server.drop(name)


def look_back(url: str, viewer: Viewer, sleutel: str = "een", **asked: Any) -> Terugblik:
    vraag = TerugblikVraag(("acties", sleutel), **asked)

    async def question(database: Database) -> Terugblik:
        return await terugblik(database, viewer, vraag, Geheugen(database, answer_bytes=1_000))

    return ask_database(url, question)


def letters(found: Terugblik, arm: str) -> str:
    return "".join(map(letter_of, found.arm(arm)))


def test_who_sees_everything_complete_gets_months(village):
    found = look_back(village, MANAGER)
    assert [tabel.periode.soort for tabel in found.tabellen] == ["maand"] * 24
    assert letters(found, "treated") == "A"
    assert letters(found, "displacement_treated") == "BCD"
    assert found.uitkomst.wdd.counts[1] == (sum(40 + month % 3 for month in range(1, 13)), 240)
    assert found.uitkomst.kind == "afgenomen"


def test_a_longer_past_is_told_as_its_mean(server, migrated, worker):
    name = f"{worker}_terugblik_lang"
    url = load_dorp(server.clone(migrated, name), bronnen=BRONNEN + TWO_YEARS.replace("2023-01-01", "2021-01-01"))
    early = [
        (letter, f"{year}-{month:02}-10", "afval-zwerfafval", 43 if year == 2021 else 40)
        for year in (2021, 2022)
        for month in range(1, 13)
        for letter in "ABCDEFGH"
    ]
    load_tellingen(url, early + reports(30))
    add_action(url, "een")
    found = look_back(url, MANAGER)
    before = sum(40 + month % 3 for month in range(1, 13))
    assert found.uitkomst.windows.lengths == (3, 1)
    assert found.uitkomst.wdd.counts[1] == (12 * 43 + 12 * 40 + before, 240)
    (arm,) = [row for row in _armen(found) if row.rol == "aanpak"]
    assert (arm.voor, arm.na) == ((12 * 83 + before) / 3, 240)
    assert _vensters(found) == (
        "januari 2023 t/m december 2023, en dezelfde perioden van de 2 jaren daarvoor (gemiddeld)",
        "januari 2024 t/m december 2024",
    )
    server.drop(name)


def test_elsewhere_it_is_the_released_quarters_and_what_is_hidden_takes_no_part(village):
    found = look_back(village, REGISSEUR_WEST)
    quarters = [f"{year}-Q{quarter}" for year in (2023, 2024) for quarter in (1, 2, 3, 4)]
    assert [tabel.periode.code for tabel in found.tabellen] == quarters
    compared = letters(found, "control") + letters(found, "displacement_control")
    assert compared
    assert set(compared) <= set("EGH")
    shown = {tabel.periode.code: {rij.gebied_code: rij.cijfer for rij in tabel.rijen} for tabel in found.tabellen}
    assert shown["2023-Q2"][buurt_code("F")].aantal is None
    used = [found.tabellen[index].periode.code for index in found.uitkomst.windows.all]
    for arm, (before, after) in zip(found.uitkomst.arms, found.uitkomst.wdd.counts, strict=False):
        told = [shown[code][area].aantal for code in used for area in found.arm(arm)]
        assert None not in told
        assert sum(told) == before + after
    assert found.uitkomst.kind in ("afgenomen", "niet vast te stellen")


def test_what_is_hidden_changes_nothing(village, server, migrated, worker):
    """Another count below the threshold gives the same answer, in every part."""
    name = f"{worker}_terugblik4"
    other = look_back(make_village(server, migrated, name, hidden=4), REGISSEUR_WEST)
    own = look_back(village, REGISSEUR_WEST)
    assert str(own.uitkomst) == str(other.uitkomst)
    assert [replace(tabel, gemeente=own.gemeente, bron=own.bron).rijen for tabel in own.tabellen] == [
        tabel.rijen for tabel in other.tabellen
    ]
    server.drop(name)


def test_who_does_not_work_there_finds_nothing(village):
    for viewer in (PUBLIEK, ONDERZOEKER, REGISSEUR_ELDERS, REGISSEUR_OOST):
        with pytest.raises(NotFound):
            look_back(village, viewer)
    with pytest.raises(NotFound):
        look_back(village, MANAGER, "geen")


def test_another_action_on_the_same_signal_is_no_comparison(copy_village):
    add_action(copy_village, "ander", gebied_codes=f"{buurt_code('E')};{buurt_code('F')}", van=date(2024, 3, 1))
    add_action(copy_village, "elders", gebied_codes=buurt_code("G"), categorie="verkeer")
    found = look_back(copy_village, MANAGER)
    assert found.ernaast == ("Actie ander",)
    assert set(map(letter_of, found.kandidaten)) == set("GH")
    assert set(letters(found, "control") + letters(found, "displacement_control")) == set("GH")


def test_areas_of_a_stadsdeel_count_as_their_buurten(copy_village):
    add_action(copy_village, "west", gebied_codes=f"{GEMEENTE}-SD-west")
    found = look_back(copy_village, MANAGER, "west")
    assert set(map(letter_of, found.aanpak.buurten)) == set("ABCD")
    assert set(map(letter_of, found.omgeving["grenzend"])) == set("EG")
    # The middle of E and G lies 500 m from the border, that of F and H 1 500 m.
    assert set(map(letter_of, found.omgeving["500"])) == set("EG")
    assert set(map(letter_of, found.omgeving["1000"])) == set("EG")


@pytest.mark.parametrize(
    ("box", "treated", "deels", "klein"),
    [
        ((0, 0, 1300, 1000), "A", "B", False),  # all of A and three tenths of B
        ((0, 0, 1005, 1000), "A", "", False),  # a hand that slipped over the border
        ((400, 400, 600, 600), "A", "", True),  # a square in the middle of A
        ((0, 0, 2000, 600), "AB", "", False),
    ],
)
def test_what_was_drawn_counts_as_the_buurten_that_it_covers(copy_village, box, treated, deels, klein):
    add_action(copy_village, "tekening")
    corner = [CORNER[at % 2] + side for at, side in enumerate(box)]
    drawing = "update intern.interventie set geom = st_multi(st_makeenvelope(%s, %s, %s, %s, 28992)) where sleutel = %s"
    change(copy_village, drawing, *corner, "tekening")
    found = look_back(copy_village, MANAGER, "tekening")
    assert "".join(map(letter_of, found.aanpak.buurten)) == treated
    assert ("".join(map(letter_of, found.aanpak.deels)), found.aanpak.klein) == (deels, klein)
    elsewhere = set(found.kandidaten).union(*found.omgeving.values())
    assert not elsewhere & {*found.aanpak.buurten, *found.aanpak.deels}


def test_without_a_beginning_or_an_area_there_is_nothing_to_look_back_on(copy_village):
    add_action(copy_village, "ooit", van=None)
    add_action(copy_village, "ergens", gebied_codes="onbekend")
    for sleutel in ("ooit", "ergens"):
        with pytest.raises(InvalidParameters, match="van deze interventie"):
            look_back(copy_village, MANAGER, sleutel)


def test_a_buurt_with_other_borders_is_not_the_same_area(copy_village):
    load_vintage(copy_village, 2024, border=300)
    found = look_back(copy_village, MANAGER)
    assert (found.uitkomst.kind, found.uitkomst.verdict.reason) == ("niet vast te stellen", "niet gedekt")


@pytest.fixture
def copy_village(server, migrated, worker):
    name = f"{worker}_terugblik_eigen"
    yield make_village(server, migrated, name)
    server.drop(name)
