"""Visits as figures. Read as a manual: who came from where, who asks, what they get."""

from __future__ import annotations

import pytest

from geo_service.errors import InvalidParameters, NotFound, Refused
from geo_service.release.lagen import BEZOEKEN
from tests.geo_service.release import dorp
from tests.geo_service.release.dorp import (
    BEHEERDER,
    GEGEVENSBEHEERDER,
    GEMEENTE,
    MANAGER,
    ONDERZOEKER,
    PUBLIEK,
    REGISSEUR_WEST,
    bezoeken_per_gebied,
    letter_of,
    load_bezoeken,
    load_bronnen,
    load_dorp,
    load_tellingen,
    load_vintage,
    read,
)
from tests.geo_service.support import rows, value

HIDDEN = (None, "onderdrukt")
BALIE_2024 = """
[[bron]]
naam = "balie"
gemeente = "GM0999"
houder = "welzijn Dorp"
registratie_eenheid = "bezoek"
[[dekking]]
bron = "balie"
gebied = "GM0999"
van = 2024-01-01
tot = 2024-12-31
"""
VISITS = [
    {"buurt": "A", "n": 20, "thema": "geld en schulden"},
    {"buurt": "A", "n": 5, "kanaal": "digitaal", "uitkomst": "1e_lijn", "thema": "Formulieren"},
    {"buurt": "B", "n": 9, "kanaal": "telefonisch", "uitkomst": "0e_lijn", "thema": "geld en schulden"},
    {"buurt": "E", "n": 4},
    {"buurt": None, "n": 12, "thema": "formulieren"},
    {"buurt": "BU01060000", "n": 3},  # from another municipality
]  # 53 in all


async def bezoek_categorieen(connection, _, gemeente):
    found = await BEZOEKEN.load_categorieen(connection, gemeente.code)
    return {code: categorie.naam for code, categorie in found.items()}


def ask(url, viewer=PUBLIEK, **question):
    return dorp.ask(url, viewer, teller=bezoeken_per_gebied, **question)


def figures(url, viewer=PUBLIEK, **question):
    """{letter or code: (aantal, status)}; in 2024-Q1 unless another period is asked."""
    tabel = ask(url, viewer, **{"periode": "2024-Q1"} | question)
    return {letter_of(row.gebied_code): (row.cijfer.aantal, row.cijfer.status.value) for row in tabel.rijen}


@pytest.fixture(scope="module")
def balie(server, migrated, worker):
    name = f"{worker}_bezoeken"
    url = load_dorp(server.clone(migrated, name))
    load_bronnen(url, BALIE_2024)
    load_bezoeken(url, VISITS)
    yield url
    server.drop(name)


ZERO = (0, "ok")
EMPTY = dict.fromkeys("CDFG", ZERO) | {"H": (0, "onbetrouwbaar")}  # 80 dwellings


@pytest.mark.parametrize("viewer", [PUBLIEK, ONDERZOEKER])
def test_the_public_sees_nothing_that_a_total_without_the_others_would_tell(balie, viewer):
    """25 from A, 9 from B: with the 34 of their wijk, one of them would tell the other."""
    assert figures(balie, viewer) == EMPTY | {"A": HIDDEN, "B": HIDDEN, "E": HIDDEN}
    assert figures(balie, viewer, niveau="wijk")["WK099901"] == (34, "ok")


def test_a_wijkregisseur_sees_the_own_stadsdeel_complete_and_elsewhere_five_and_up(balie):
    assert figures(balie, REGISSEUR_WEST) == EMPTY | {"A": (25, "ok"), "B": (9, "onbetrouwbaar"), "E": HIDDEN}


def test_who_sees_the_whole_municipality_also_sees_the_unknown_origin(balie):
    tabel = ask(balie, MANAGER, periode="2024-Q1")
    assert figures(balie, MANAGER) == EMPTY | {
        "A": (25, "ok"), "B": (9, "onbetrouwbaar"), "E": (4, "onbetrouwbaar"), "buiten": (15, "ok")
    }  # fmt: skip
    assert tabel.gebied_naam("buiten") == "Herkomst onbekend of buiten de gemeente"


@pytest.mark.parametrize("viewer", [PUBLIEK, REGISSEUR_WEST, MANAGER])
def test_the_total_of_the_municipality_has_every_visit(balie, viewer):
    assert figures(balie, viewer, niveau="gemeente") == {GEMEENTE: (53, "ok")}
    assert "telt bezoeken van onbekende herkomst mee" in ask(balie, viewer, niveau="gemeente").herkomst


@pytest.mark.parametrize("niveau", ["buurt", "wijk", "stadsdeel", "gemeente"])
@pytest.mark.parametrize("categorie", ["alle", "kanaal-fysiek", "uitkomst-1e_lijn", "thema-onbekend"])
def test_areas_and_unknown_origin_add_up_to_all_visits(balie, niveau, categorie):
    all_visits = {"alle": 53, "kanaal-fysiek": 39, "uitkomst-1e_lijn": 5, "thema-onbekend": 7}
    cells = ask(balie, MANAGER, niveau=niveau, categorie=categorie, periode="2024").rijen
    assert sum(cell.cijfer.aantal + cell.buiten_dekking for cell in cells) == all_visits[categorie]


def test_the_unknown_origin_can_be_asked_for_but_not_beside_the_total(balie):
    assert figures(balie, MANAGER, gebied="buiten") == {"buiten": (15, "ok")}
    for viewer, niveau in ((MANAGER, "gemeente"), (PUBLIEK, "buurt"), (REGISSEUR_WEST, "buurt")):
        with pytest.raises(InvalidParameters, match="gebied"):
            figures(balie, viewer, niveau=niveau, gebied="buiten")


@pytest.mark.parametrize("dimension", ["kanaal", "uitkomst", "thema"])
@pytest.mark.parametrize("area", ["A", "B", "E", "buiten"])
def test_the_values_of_one_dimension_add_up_to_all(balie, dimension, area):
    names, _ = read(balie, MANAGER, bezoek_categorieen)
    parts = [code for code in names if code.startswith(f"{dimension}-")]
    found = [figures(balie, MANAGER, categorie=code).get(area, (0, ""))[0] for code in parts]
    assert sum(found) == figures(balie, MANAGER)[area][0]


def test_a_category_of_the_public_is_judged_with_those_beside_it(balie):
    assert figures(balie, categorie="kanaal-fysiek")["A"] == HIDDEN
    assert figures(balie, categorie="kanaal-digitaal")["A"] == HIDDEN
    assert figures(balie, categorie="alle", niveau="gemeente") == {GEMEENTE: (53, "ok")}
    assert figures(balie, categorie="kanaal-telefonisch", niveau="gemeente") == {GEMEENTE: HIDDEN}


def test_the_categories_have_dutch_names(balie):
    names, queries = read(balie, PUBLIEK, bezoek_categorieen)
    assert queries == 1
    assert {code: names[code] for code in names if code.startswith(("alle", "thema", "kanaal-d"))} == {
        "alle": "Alle bezoeken",
        "kanaal-digitaal": "Kanaal: digitaal",
        "thema-formulieren": "Thema: formulieren",
        "thema-geld-en-schulden": "Thema: geld en schulden",
        "thema-overig": "Thema: overig",
        "thema-onbekend": "Thema: onbekend",
    }


def test_a_label_that_is_hardly_used_is_named_nowhere(url):
    load_dorp(url)
    load_bronnen(url, BALIE_2024)
    load_bezoeken(
        url, [{"buurt": "A", "n": 9, "thema": "Zaak van mevrouw X"}, {"buurt": "A", "n": 10, "thema": "Wonen!"}]
    )
    assert rows(url, "select code, naam from publiek.bezoek_thema") == [("thema-wonen", "Wonen!")]
    found = rows(url, "select distinct categorie from intern.kubus where categorie like 'thema%' order by 1")
    assert found == [("thema-overig",), ("thema-wonen",)]
    assert figures(url, REGISSEUR_WEST, categorie="thema-overig")["A"] == (9, "onbetrouwbaar")


def test_a_theme_with_accents_keeps_its_name(url):
    load_dorp(url)
    load_bezoeken(url, [{"buurt": "A", "n": 10, "thema": "Financiën & werk"}])
    assert rows(url, "select code, naam from publiek.bezoek_thema") == [("thema-financien-werk", "Financiën & werk")]


def test_nothing_small_is_stored_where_the_public_can_read(balie):
    stored = rows(balie, "select aantal, status from publiek.cijfer where bron = 'balie'")
    assert len(stored) > 20
    assert {status for aantal, status in stored if aantal is None} == {"onderdrukt"}
    assert min(aantal for aantal, _ in stored if aantal is not None) >= 10


def test_periods_that_nobody_covers_are_not_zero(balie):
    for viewer in (PUBLIEK, MANAGER):
        assert set(figures(balie, viewer, periode="2023-Q4").values()) == {(None, "niet_gedekt")}


def test_visits_outside_the_coverage_are_told_apart(url):
    load_dorp(url)
    load_bronnen(url, BALIE_2024.replace('"GM0999"\nvan', '"GM0999-SD-west"\nvan'))
    load_bezoeken(url, VISITS)
    cells = {letter_of(row.gebied_code): row for row in ask(url, MANAGER, periode="2024-Q1").rijen}
    assert {area: (cells[area].cijfer.aantal, cells[area].buiten_dekking) for area in ("A", "E", "buiten")} == {
        "A": (25, 0), "E": (None, 4), "buiten": (15, 0)
    }  # fmt: skip
    (total,) = ask(url, MANAGER, periode="2024-Q1", niveau="gemeente").rijen
    assert (total.cijfer.aantal, total.buiten_dekking, total.cijfer.dekking) == (34, 19, 0.5)
    assert figures(url, niveau="gemeente") == {GEMEENTE: (34, "onbetrouwbaar")}


def test_a_visitor_from_a_buurt_that_is_gone_has_no_known_origin(url):
    load_dorp(url)
    load_bronnen(url, BALIE_2024)
    load_bezoeken(url, [{"buurt": "A", "n": 12}, {"buurt": "BU09990042", "n": 11}])
    assert figures(url, MANAGER)["buiten"] == (11, "ok")
    assert figures(url, niveau="gemeente") == {GEMEENTE: (23, "ok")}
    load_vintage(url, 2022)
    assert figures(url, niveau="gemeente") == {GEMEENTE: (23, "ok")}


def test_an_unregistered_source_covers_its_full_weeks(url):
    load_dorp(url)
    load_bezoeken(url, [{"buurt": "A", "n": 10, "dag": day} for day in ("2024-01-03", "2024-02-01", "2024-04-24")])
    tabel = ask(url, MANAGER, periode="2024-Q1")
    assert "8 januari 2024 t/m 21 april 2024, afgeleid uit de gegevens" in tabel.herkomst
    (cell,) = (row for row in tabel.rijen if letter_of(row.gebied_code) == "A")
    assert (cell.cijfer.aantal, cell.buiten_dekking) == (10, 10)


def test_new_visits_change_what_was_released(url):
    load_dorp(url)
    load_bronnen(url, BALIE_2024)
    load_bezoeken(url, [{"buurt": "A", "n": 9}])
    assert figures(url)["A"] == HIDDEN
    load_bezoeken(url, [{"buurt": "A", "n": 10}])
    assert figures(url)["A"] == (10, "onbetrouwbaar")
    load_bezoeken(url, [{"buurt": "B", "n": 10}])  # the same visits turn out to come from elsewhere
    assert (figures(url)["A"], figures(url)["B"]) == (ZERO, (10, "onbetrouwbaar"))
    assert value(url, "select count(*) from intern.bezoek") == 10


@pytest.mark.parametrize("viewer", [GEGEVENSBEHEERDER, BEHEERDER])
def test_roles_without_figures_get_none(balie, viewer):
    with pytest.raises(NotFound):
        ask(balie, viewer)


def test_without_visits_there_is_no_answer(url):
    load_dorp(url)
    load_tellingen(url, {"A": 25})
    for viewer in (PUBLIEK, MANAGER):
        answer, _ = read(url, viewer, lambda *known: bezoeken_per_gebied(*known, dorp.CijferVraag()))
        assert answer is None


def test_a_question_about_the_other_layer_is_refused(balie):
    load_tellingen(balie, {"A": 25})
    with pytest.raises(InvalidParameters) as caught:
        ask(balie, bron="meldpunt", categorie="afval", noemer="fietsen", niveau="straat", periode="ooit")
    assert {fault.name for fault in caught.value.faults} == {"bron", "categorie", "noemer", "niveau", "periode"}
    with pytest.raises(InvalidParameters, match="balie"):
        dorp.ask(balie, bron="balie")


def test_one_source_holds_one_layer(balie):
    with pytest.raises(Refused, match="meldpunt"):
        load_bezoeken(balie, [{"buurt": "A"}], bron="meldpunt")


def test_the_number_of_queries_does_not_depend_on_the_number_of_areas(balie):
    for viewer in (PUBLIEK, MANAGER):
        for question in ({"gebied": dorp.buurt_code("A")}, {"niveau": "buurt"}, {"niveau": "gemeente"}):
            vraag = dorp.CijferVraag(periode="2024-Q1", **question)
            assert read(balie, viewer, lambda *known, vraag=vraag: bezoeken_per_gebied(*known, vraag))[1] == 3
