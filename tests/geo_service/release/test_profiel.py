"""The profile of one area: every number in it is the number that the same viewer gets by asking for it."""

from __future__ import annotations

import json

import pytest

from data.codelists import load_categorieen
from geo_service.errors import NotFound
from geo_service.identity import Viewer
from geo_service.release.context import connect_as, load_gemeente
from geo_service.release.features import HotspotVraag, hotspot_rows
from geo_service.release.opvallend import stands_out
from geo_service.release.profiel import profiel
from tests.geo_service.pool import ask_database
from tests.geo_service.release import dorp
from tests.geo_service.release.dorp import (
    BEHEERDER,
    GEGEVENSBEHEERDER,
    GEMEENTE,
    MANAGER,
    ONDERZOEKER,
    OOST,
    PUBLIEK,
    REGISSEUR_WEST,
    WEST,
    buurt_code,
    load_bezoeken,
    load_bronnen,
    load_dorp,
    load_tellingen,
    load_voorzieningen,
    read,
)
from tests.geo_service.release.test_bezoeken import BALIE_2024

A, C, H = map(buurt_code, "ACH")
PLACES = [
    {"naam": "De Kom", "type": "buurthuis", "gevoelig": False, "x": 200_100.0, "y": 470_100.0},
    {"naam": "Speelplek", "type": "speeltuin", "gevoelig": False, "x": 200_200.0, "y": 470_200.0},
    {"naam": "De Kim", "type": "buurthuis", "gevoelig": False, "x": 200_300.0, "y": 470_300.0},
    {"naam": "Opvang", "type": "vrouwenopvang", "gevoelig": True, "x": 200_400.0, "y": 470_400.0},
    {"naam": "Ver weg", "type": "inloop", "gevoelig": False, "x": 203_500.0, "y": 471_500.0},
]


@pytest.fixture(scope="module")
def village(server, migrated, worker):
    name = f"{worker}_profiel"
    url = load_dorp(server.clone(migrated, name))
    load_bronnen(url, BALIE_2024)
    load_tellingen(
        url,
        [
            ("A", "2024-02-01", "afval-zwerfafval", 20),
            ("A", "2024-11-01", "afval-zwerfafval", 30),
            ("A", "2024-11-01", "wonen-geluid", 4),
            ("E", "2024-11-01", "afval-zwerfafval", 16),
        ],
    )
    load_bezoeken(url, [{"buurt": "A", "n": 11, "dag": "2024-10-01"}, {"buurt": None, "n": 9, "dag": "2024-10-01"}])
    load_voorzieningen(url, PLACES)
    yield url
    server.drop(name)


def profile(url, viewer=PUBLIEK, code=A):
    document, _ = read(url, viewer, lambda *known: profiel(*known, code))
    return json.loads(json.dumps(document.as_dict()))  # it must be a document that can be written as JSON


def test_the_area_itself(village):
    area = profile(village)["gebied"]
    assert {name: area[name] for name in ("gebied_naam", "niveau", "gemeente_naam", "oppervlakte_ha", "peiljaar")} == {
        "gebied_naam": "Buurt A", "niveau": "buurt", "gemeente_naam": "Dorp", "oppervlakte_ha": 100.0, "peiljaar": 2021
    }  # fmt: skip
    assert [(part["niveau"], part["gebied_naam"], part["geheel"]) for part in area["hoort_bij"]] == [
        ("stadsdeel", "West", True), ("wijk", "Wijk 1", True)
    ]  # fmt: skip
    assert area["buurten"] == []


def test_a_wijk_in_two_stadsdelen_says_so(village):
    area = profile(village, code="WK099902")["gebied"]
    assert [(part["gebied_naam"], part["geheel"]) for part in area["hoort_bij"]] == [("Oost", False), ("West", False)]
    assert [buurt["gebied_naam"] for buurt in area["buurten"]] == ["Buurt C", "Buurt D", "Buurt E"]
    assert profile(village, code=GEMEENTE)["gebied"]["hoort_bij"] == []


def test_key_figures_have_year_and_source_and_what_is_missing_says_so(village):
    for code, dwellings in ((A, 1000), (H, 80), (WEST, 4000), (GEMEENTE, 7080)):
        found = {row["kerncijfer"]: row for row in profile(village, code=code)["kerncijfers"]}
        assert (found["woningen"]["waarde"], found["woningen"]["jaar"], found["woningen"]["status"]) == (
            dwellings, 2021, "ok"
        )  # fmt: skip
        assert found["woningen"]["herkomst"] == "Bron: gebieden 2021"
        for name in ("inwoners", "huishoudens", "woz_1000", "koop_pct", "corporatie_pct"):
            assert (found[name]["waarde"], found[name]["jaar"], found[name]["status"]) == (None, None, "ontbreekt")


def test_reports_of_the_last_quarter_per_head_category(village):
    (reports,) = profile(village)["meldingen"]
    assert (reports["bron"], reports["periode"]) == ("meldpunt", "2024-Q4")
    assert (reports["totaal"]["aantal"], reports["totaal"]["per_1000"]) == (34, 34.0)
    heads = {row["categorie"]: (row["aantal"], row["status"]) for row in reports["per_categorie"]}
    assert heads["afval"] == (None, "onderdrukt")  # with the total it would tell the 4 of wonen
    assert heads["wonen"] == (None, "onderdrukt")
    assert heads["verkeer"] == (0, "ok")
    assert list(heads) == list(dict.fromkeys(row.hoofd for row in load_categorieen()))


def test_the_municipality_is_the_only_comparison(village):
    (reports,) = profile(village)["meldingen"]
    assert (reports["gemeente"]["gebied_code"], reports["gemeente"]["periode"]) == (GEMEENTE, "2024-Q4")
    assert (reports["gemeente"]["aantal"], reports["gemeente"]["per_1000"]) == (50, 7.062)
    text = json.dumps(profile(village, MANAGER))
    assert not [word for word in ("rang", "plaats ", "slechtste", "top") if f'"{word}' in text]


def test_the_last_eight_quarters(village):
    (reports,) = profile(village)["meldingen"]
    series = {row["periode"]: (row["aantal"], row["status"]) for row in reports["reeks"]}
    uncovered = {f"2023-Q{quarter}": (None, "niet_gedekt") for quarter in (1, 2, 3, 4)}
    covered = {"2024-Q1": (20, "ok"), "2024-Q2": (0, "ok"), "2024-Q3": (0, "ok"), "2024-Q4": (34, "ok")}
    assert series == uncovered | covered


def test_the_municipality_stands_beside_every_figure(village):
    (reports,) = profile(village)["meldingen"]
    series = {row["periode"]: (row["gebied_code"], row["aantal"]) for row in reports["gemeente_reeks"]}
    assert series["2024-Q4"] == (GEMEENTE, 50)
    assert list(series) == [row["periode"] for row in reports["reeks"]]
    for here, whole in zip(reports["per_categorie"], reports["gemeente_per_categorie"], strict=True):
        assert (here["categorie"], whole["gebied_code"]) == (whole["categorie"], GEMEENTE)


def test_what_stands_out_comes_from_what_the_reader_sees(village):
    """Of A everything but zeros is hidden from the public: nothing can be said. Its own staff see 30 of afval."""
    (public,) = profile(village)["meldingen"]
    assert public["opvallend"]["categorie"] is None
    assert "te weinig onderwerpen te tonen" in public["opvallend"]["uitleg"]
    assert set(public["opvallend"].values()) == {None, public["opvallend"]["uitleg"]}
    assert profile(village)["bezoeken"][0]["opvallend"] is None


def test_a_category_stands_out_when_its_share_is_above_that_of_the_municipality():
    def figures(**counts):
        return [{"categorie": code, "categorie_naam": code.upper(), "aantal": n} for code, n in counts.items()]

    whole = figures(afval=500, wonen=500, verkeer=500)
    assert stands_out(figures(afval=90, wonen=10, verkeer=10), whole) | {"uitleg": ""} == {
        "categorie": "afval", "categorie_naam": "AFVAL", "verhouding": 2.455, "laag": 2.142, "hoog": 2.691, "uitleg": ""
    }  # fmt: skip
    assert stands_out(figures(afval=10, wonen=10, verkeer=10), whole)["categorie"] is None
    hidden = stands_out(figures(afval=90, wonen=None, verkeer=10), whole)
    assert hidden["categorie"] is None
    assert "te weinig onderwerpen te tonen" in hidden["uitleg"]


def test_places_that_a_buurt_can_walk_to(village):
    near = profile(village)["bereikbaar"]
    assert [(plek["naam"], plek["in_gebied"]) for plek in near["plekken"]] == [
        ("De Kim", True), ("Speelplek", True), ("De Kom", True)
    ]  # fmt: skip
    assert near["niet_dichtbij"] == ["inloop"]
    assert [plek["afstand_m"] for plek in near["plekken"]] == [300, 400, 550]
    assert "bereikbaar" not in profile(village, code=WEST)
    assert "opvang" not in json.dumps(near).lower()


def test_areas_without_anything_to_compare_are_like_none(village):
    alike = profile(village)["vergelijkbaar"]
    assert (alike["gebieden"], alike["kenmerken"]) == ([], [])
    assert alike["uitleg"].startswith("Er zijn geen kenmerken")


def test_visits_per_channel_and_outcome(village):
    (visits,) = profile(village)["bezoeken"]
    assert (visits["bron"], visits["totaal"]["aantal"], visits["gemeente"]["aantal"]) == ("balie", None, 20)
    codes = [row["categorie"] for row in visits["per_categorie"]]
    assert len(codes) == 9
    assert {code.split("-")[0] for code in codes} == {"kanaal", "uitkomst"}


@pytest.mark.parametrize("viewer", [PUBLIEK, ONDERZOEKER, REGISSEUR_WEST, MANAGER])
@pytest.mark.parametrize("code", [A, C, H, WEST, "WK099902", GEMEENTE])
def test_every_figure_is_the_one_that_a_question_gives(village, viewer, code):
    document = profile(village, viewer, code)
    niveau = document["gebied"]["niveau"]
    figures = [
        (teller, row)
        for part, teller in (("meldingen", dorp.meldingen_per_gebied), ("bezoeken", dorp.bezoeken_per_gebied))
        for source in document[part]
        for row in (source["totaal"], *source["per_categorie"], *source["reeks"])
    ]
    assert len(figures) > 30
    asked = {}
    for teller, row in figures:
        key = (teller, row["categorie"], row["periode"])
        if key not in asked:
            question = {"categorie": row["categorie"], "periode": row["periode"], "gebied": code, "niveau": niveau}
            tabel = dorp.ask(village, viewer, teller=teller, **question)
            asked[key] = json.loads(json.dumps(dorp.published(tabel)[dorp.letter_of(code)]))
        assert {name: row[name] for name in asked[key]} == asked[key]


def test_open_places_are_counted_and_sensitive_ones_are_not_there(village):
    for viewer in (PUBLIEK, MANAGER, BEHEERDER):
        document = profile(village, viewer)
        found = document["plekken"]["voorzieningen"]
        assert (found["aantal"], found["status"]) == (3, "ok")
        assert found["per_type"] == [{"type": "buurthuis", "aantal": 2}, {"type": "speeltuin", "aantal": 1}]
        assert "sociale-kaart" in found["herkomst"]
        assert "opvang" not in json.dumps(document).lower()
    assert profile(village, code=C)["plekken"]["voorzieningen"]["aantal"] == 0


def test_the_staff_of_a_stadsdeel_learn_how_many_sensitive_places_it_has(village):
    for viewer in (MANAGER, REGISSEUR_WEST):
        found = profile(village, viewer, WEST)["gevoelige_locaties"]
        assert (found["aantal"], found["status"]) == (1, "ok")
        assert "sociale-kaart" in found["herkomst"]
    assert profile(village, MANAGER, OOST)["gevoelige_locaties"]["aantal"] == 0


@pytest.mark.parametrize("code", [WEST, OOST, A, GEMEENTE])
def test_nobody_else_learns_how_many(village, code):
    for viewer in (PUBLIEK, ONDERZOEKER, GEGEVENSBEHEERDER, BEHEERDER):
        assert "gevoelige_locaties" not in profile(village, viewer, code)
    for viewer in (REGISSEUR_WEST, MANAGER):
        owned = code == WEST or (code == OOST and viewer is MANAGER)
        assert ("gevoelige_locaties" in profile(village, viewer, code)) == owned


def test_places_that_nobody_delivered_are_not_zero(village):
    found = profile(village)["plekken"]["wijkwijzers"]
    assert (found["aantal"], found["status"]) == (None, "ontbreekt")


@pytest.mark.parametrize("viewer", [GEGEVENSBEHEERDER, BEHEERDER])
def test_roles_without_figures_get_the_area_its_key_figures_and_places(village, viewer):
    assert set(profile(village, viewer)) == {"gebied", "kerncijfers", "plekken", "bereikbaar", "vergelijkbaar"}
    assert set(profile(village, viewer, WEST)) == {"gebied", "kerncijfers", "plekken", "vergelijkbaar"}


@pytest.mark.parametrize("code", ["BU09990099", "GM0001", "", "x" * 500, "A'; drop table publiek.gebied; --"])
def test_an_unknown_code_is_not_found(village, code):
    with pytest.raises(NotFound):
        profile(village, code=code)


def test_a_profile_costs_the_same_queries_for_a_stadsdeel_and_the_municipality_and_few_more_for_a_buurt(village):
    found = (read(village, MANAGER, lambda *known, code=code: profiel(*known, code))[1] for code in (GEMEENTE, WEST, A))
    whole, part, buurt = found
    assert part == whole + 1  # a stadsdeel has a count of sensitive places, the municipality has none
    assert buurt <= whole + 3 <= 36


@pytest.mark.parametrize("viewer", [PUBLIEK, MANAGER])
def test_hotspots_that_touch_the_area_as_far_as_the_viewer_may_see(demo_url, viewer):
    """The demo plants hotspots; a profile counts those whose buurten are among the area's, per period."""
    role = Viewer(viewer.role, "GM0153", viewer.stadsdelen) if viewer.scoped else viewer

    async def answer(database):
        async with connect_as(database, role) as connection:
            gemeente = await load_gemeente(connection, role, "GM0153")
            whole = (await profiel(connection, role, gemeente, "GM0153")).hotspots
            found = {}
            for row in whole:
                rows = await hotspot_rows(connection, role, gemeente, HotspotVraag(row["bron"], row["periode"]))
                touched = [set(hotspot["buurten"]) for hotspot in rows if hotspot["categorie"] == "alle"]
                found[row["bron"], row["periode"]] = touched
            buurten = sorted(gemeente.leden(2021, "buurt"))[:12]
            parts = {code: (await profiel(connection, role, gemeente, code)).hotspots for code in buurten}
            return whole, found, parts

    whole, found, parts = ask_database(demo_url, answer)
    assert {(row["bron"], row["periode"]): row["aantal"] for row in whole} == {key: len(n) for key, n in found.items()}
    assert whole
    for buurt, rows in parts.items():
        expected = {key: sum(buurt in touched for touched in spots) for key, spots in found.items()}
        counted = {(row["bron"], row["periode"]): row["aantal"] for row in rows}
        assert counted == {key: count for key, count in expected.items() if count}
