"""Reach, siting and what-if through the function that the page uses, beside what trying everything gives."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
import shapely

from analysis.spread import spread_points
from geo_service.errors import InvalidParameters
from geo_service.release.bereik import BereikVraag, bereik
from geo_service.release.bereikpunten import make_punten, to_rd
from geo_service.release.geheugen import Geheugen
from tests.geo_service.release.dorp import (
    BEHEERDER,
    LETTERS,
    MANAGER,
    OOST,
    PUBLIEK,
    REGISSEUR_WEST,
    WEST,
    buurt_code,
    letter_of,
    load_bezoeken,
    load_bronnen,
    load_dorp,
    load_voorzieningen,
    read,
    square,
)
from tests.geo_service.release.test_bezoeken import BALIE_2024

WEEKDAYS = "ma-vr 9.00-17.00"
PLACES = [
    {"naam": "De Kom", "x": 200_300.0, "y": 470_300.0, "openingstijden": WEEKDAYS, "capaciteit": 40.0},
    {"naam": "De Ark", "x": 201_900.0, "y": 470_500.0, "openingstijden": "di 18.00-22.00", "capaciteit": 10.0},
    {"naam": "Raadsel", "x": 203_500.0, "y": 471_500.0, "openingstijden": "als de vlag hangt"},
]
KOM, ARK, RAADSEL = (f"voorzieningen/sociale-kaart/plek-{number}" for number in (1, 2, 3))
WOONT = dict.fromkeys(LETTERS, 1000.0) | {"H": 80.0}
VORMEN = {buurt_code(letter): square(letter) for letter in LETTERS}
NEAR = 600.0  # metres as the crow flies are ten minutes


@pytest.fixture(scope="module")
def village(server, migrated, worker):
    name = f"{worker}_bereik"
    url = load_dorp(server.clone(migrated, name))
    extra = [
        {"naam": "Schuilplek", "type": "huis", "gevoelig": True, "x": 202_500.0, "y": 471_500.0},
        {
            "naam": "Alleen met brief",
            "type": "huis",
            "gevoelig": False,
            "zonder_verwijzing": False,
            "x": 2e5,
            "y": 4.7e5,
        },
        {"naam": "Speeltuin", "type": "speeltuin", "gevoelig": False, "x": 200_500.0, "y": 471_500.0},
    ]
    load_voorzieningen(url, [{"type": "huis", "gevoelig": False} | place for place in PLACES] + extra)
    load_bronnen(url, BALIE_2024)
    load_bezoeken(url, [{"buurt": "A", "n": 60}, {"buurt": "C", "n": 3}, {"buurt": "E", "n": 25, "dag": "2024-12-31"}])
    yield url
    server.drop(name)


def ask(url, viewer=PUBLIEK, **question):
    vraag = BereikVraag(**{"soort": "huis"} | question)
    memory = Geheugen(None, answer_bytes=0)
    return read(url, viewer, lambda *known: bereik(*known, vraag, memory))[0]


def points():
    """{letter: its points}."""
    punten = make_punten(VORMEN)
    return {letter: punten.xy[punten.buurt == number] for number, letter in enumerate(LETTERS)}


def near(xy, places, metres=NEAR):
    """Which points lie within so many metres of a place."""
    places = np.asarray(places, dtype=float).reshape(-1, 2)
    return (np.hypot(*(np.asarray(xy)[:, None] - places[None]).transpose(2, 0, 1)) <= metres).any(axis=1)


def where(*places):
    return [(PLACES[number]["x"], PLACES[number]["y"]) for number in places]


def expected(*places, extra=(), metres=NEAR):
    return {letter: near(xy, where(*places) + list(extra), metres).mean() for letter, xy in points().items()}


def shares(found, name="deel"):
    return {letter_of(buurt.code): getattr(buurt, name) for buurt in found.buurten}


def test_who_can_walk_to_a_place(village):
    found = ask(village)
    assert shares(found) == pytest.approx(expected(0, 1, 2))
    assert [plek.naam for plek in found.plekken] == ["De Ark", "De Kom", "Raadsel"]
    total = sum(WOONT[letter] * share for letter, share in shares(found).items())
    assert found.deel() == pytest.approx(total / sum(WOONT.values()))
    assert 0 < found.deel() < 1
    assert [buurt.naam for buurt in found.buurten] == sorted(buurt.naam for buurt in found.buurten)


@pytest.mark.parametrize("minuten", [5, 10, 15])
def test_minutes_are_metres_as_the_crow_flies(village, minuten):
    assert shares(ask(village, minuten=minuten)) == pytest.approx(expected(0, 1, 2, metres=60.0 * minuten))


def test_places_across_the_border_of_a_stadsdeel_count(village):
    found = ask(village, gebied=OOST)
    assert set(shares(found)) == set("EFGH")
    # De Ark lies in B, next to E.
    assert shares(found)["E"] == pytest.approx(expected(1)["E"]) != 0


@pytest.mark.parametrize(("moment", "open_"), [("di-avond", (1,)), ("wo-ochtend", (0,)), ("zo-middag", ())])
def test_a_place_that_is_closed_or_may_be_does_not_count(village, moment, open_):
    found = ask(village, open=moment)
    assert shares(found) == pytest.approx(expected(*open_))
    assert [plek.naam for plek in found.plekken if plek.open is None] == ["Raadsel"]


def test_closing_tells_who_loses(village):
    found = ask(village, sluit=KOM)
    assert shares(found) == pytest.approx(expected(1, 2))
    assert shares(found, "deel_nu") == pytest.approx(expected(0, 1, 2))
    lost = {letter_of(buurt.code): buurt.verschil for buurt in found.buurten if buurt.anders}
    assert set(lost) == {"A"}
    assert lost["A"] == pytest.approx(1000 * (expected(1, 2)["A"] - expected(0, 1, 2)["A"]))


def test_a_new_place_in_a_buurt_or_on_a_point(village):
    middle = ask(village, erbij=buurt_code("C"))
    assert shares(middle) == pytest.approx(expected(0, 1, 2, extra=[(200_500, 471_500)]))
    lat, lon = middle.erbij.lonlat[::-1]
    point = ask(village, erbij=f"{lat},{lon}")
    assert shares(point) == shares(middle)
    assert (point.erbij.buurt_code, point.erbij.ligging) == (buurt_code("C"), "in het midden")


def test_moving_is_closing_and_adding_with_the_same_room(village):
    found = ask(village, sluit=KOM, erbij=buurt_code("C"))
    assert shares(found) == pytest.approx(expected(1, 2, extra=[(200_500, 471_500)]))
    places = {letter_of(buurt.code): buurt.plaatsen for buurt in found.buurten}
    # Everybody's part of the places together is what there is of them.
    assert sum(WOONT[letter] * share / 1000 for letter, share in places.items()) == pytest.approx(50)


def test_capacity_is_shared_and_unknown_is_no_zero(village):
    found = ask(village)
    places = {letter_of(buurt.code): buurt.plaatsen for buurt in found.buurten}
    assert sum(WOONT[letter] * share / 1000 for letter, share in places.items()) == pytest.approx(50)
    assert found.capaciteit_onbekend == 1
    without = ask(village, soort="speeltuin")
    assert {buurt.plaatsen for buurt in without.buurten} == {None}


def brute(weights, n, area=LETTERS):
    """The most that any n candidates bring within reach besides what is there: tried one by one."""
    xy, weight = [], []
    for letter, own in points().items():
        if letter in area and weights.get(letter) is not None:
            xy.append(own)
            weight += [weights[letter] / len(own)] * len(own)
    xy, weight = np.concatenate(xy), np.array(weight)
    there = near(xy, where(0, 1, 2))
    each = min(20, max(2, 300 // len(area)))
    candidates = np.concatenate([spread_points(square(letter), each) for letter in area])
    reached = [near(xy, [place]) for place in candidates]
    best = max(weight[there | np.any(chosen, axis=0)].sum() for chosen in combinations(reached, n))
    return weight[there].sum() / weight.sum(), best / weight.sum(), best - weight[there].sum()


@pytest.mark.parametrize(("question", "n", "area"), [({}, 1, LETTERS), ({"gebied": OOST}, 2, "EFGH")])
def test_new_places_are_the_best_there_are(village, question, n, area):
    found = ask(village, nieuw=n, **question)
    before, after, gained = brute(WOONT, n, area)
    best = found.keuzes[0]
    assert (best.deel_nu, best.deel, best.erbij) == pytest.approx((before, after, gained))
    assert len(best.locaties) == n
    for keuze in found.keuzes[1:]:
        assert gained * 0.99 - 1e-6 <= keuze.erbij <= gained + 1e-6
        assert keuze.in_plaats_van(best)
    # What the page says of a place is where it lies.
    for locatie in best.locaties:
        assert square(letter_of(locatie.buurt_code)).covers(shapely_point(locatie))


def shapely_point(locatie):
    x, y = to_rd(*locatie.lonlat)
    assert np.hypot(x - locatie.xy[0], y - locatie.xy[1]) < 2
    return shapely.Point(x, y)


def test_the_added_place_is_there_when_new_ones_are_looked_for(village):
    first = ask(village, nieuw=1).keuzes[0].locaties[0]
    lat, lon = first.lonlat[::-1]
    again = ask(village, nieuw=1, erbij=f"{lat},{lon}")
    assert again.keuzes[0].deel_nu == pytest.approx(ask(village, nieuw=1).keuzes[0].deel, abs=1e-3)
    assert first.lonlat not in {locatie.lonlat for keuze in again.keuzes for locatie in keuze.locaties}


def test_hidden_visits_take_no_part(village):
    everyone, staff = (ask(village, viewer, gewicht="bezoeken", nieuw=1) for viewer in (PUBLIEK, MANAGER))
    assert staff.gewicht.waarden[buurt_code("C")] == 3
    assert everyone.gewicht.waarden[buurt_code("C")] is None
    assert "doen niet mee" in everyone.gewicht.uitleg
    known = {letter: everyone.gewicht.waarden[buurt_code(letter)] for letter in LETTERS}
    assert everyone.keuzes[0].erbij == pytest.approx(brute(known, 1)[2])
    west = ask(village, REGISSEUR_WEST, gewicht="bezoeken", gebied=WEST)
    assert west.gewicht.waarden[buurt_code("C")] == 3


def test_who_sees_no_figures_has_no_visits_to_weigh_by(village):
    assert "bezoeken" not in ask(village, BEHEERDER).gewichten
    with pytest.raises(InvalidParameters, match="gewicht"):
        ask(village, BEHEERDER, gewicht="bezoeken")


def test_without_signs_of_need_nothing_is_weighed(village):
    found = ask(village, gewicht="behoefte", nieuw=1)
    assert (dict(found.gewicht.waarden), found.keuzes) == ({}, ())


WRONG = [
    {"soort": "kasteel"}, {"open": "ma-nacht"}, {"gebied": "BU09990000"}, {"sluit": "voorzieningen/x/y"},
    {"erbij": "52,x"}, {"erbij": "0,0"}, {"erbij": "BU01"}, {"erbij": "nan,nan"}, {"gewicht": "goud"},
]  # fmt: skip


@pytest.mark.parametrize("question", WRONG)
def test_what_cannot_be_chosen_is_refused_by_name(village, question):
    with pytest.raises(InvalidParameters, match=next(iter(question))):
        ask(village, **question)


def test_a_place_of_another_kind_is_let_go_of(village):
    assert ask(village, soort="speeltuin", sluit=KOM).vraag.sluit is None


def test_the_number_of_queries_does_not_depend_on_the_question(village):
    memory = Geheugen(None, answer_bytes=0)
    counts = [
        read(village, PUBLIEK, lambda *known, n=n: bereik(*known, BereikVraag("huis", nieuw=n), memory))[1]
        for n in (0, 2)
    ]
    assert counts[0] == counts[1] <= 5
