"""The cards: plain Dutch without counts, ranking or blame, and honest about what is not known."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from geo_service.domain.hotspots import KLASSEN, METHODEN
from geo_service.domain.perioden import bereik, kwartaal
from geo_service.jobs.analyse import kaartjes
from geo_service.jobs.analyse.kaartjes import Bekend
from tests.geo_service.support import rows

Q3 = kwartaal(2026, 3)
AFVAL = ("afval", "Afval")
ALLES = ("alle", "Alle categorieën")
LONGEST_SENTENCE = 26
UNFAIR = (
    "probleemwijk", "probleembuurt", "achterstand", "slechtste", "ergste", "ranglijst", "top 10", "dader", "schuld",
    "overlastgever", "crimine", "aantal",
)  # fmt: skip


def every_card() -> list[dict[str, Any]]:
    """One card of each kind, with everything that can be known about it."""
    bekend = Bekend(
        Q3,
        True,
        ["1 augustus 2026: nieuw systeem."],
        True,
        True,
        "plekken van 10 meter (melders onbekend)",
        ("woningen", 2021),
    )
    series = Bekend(
        bereik(date(2024, 7, 1), Q3.tot), True, ["1 juli 2024: nieuw systeem"], True, noemer=("woningen", 2021)
    )
    dagen = (date(2026, 8, 3), date(2026, 9, 27))
    return [
        kaartjes.punten(AFVAL, "melders of adressen", Q3, 55.0),
        kaartjes.hoog(AFVAL, bekend, 0.001, 999),
        kaartjes.hoog(ALLES, Bekend(Q3, noemer=("inwoners", 2026)), 0.031, 999),
        *(kaartjes.hoog(AFVAL, replace(bekend, bijzonder=known), 0.001, 999) for known in (True, False)),
        kaartjes.nieuw(AFVAL, series, dagen, 0.001, 999),
        *(
            kaartjes.verloop(AFVAL, klasse, series)
            for klasse in KLASSEN
            if klasse.split("-")[-1] in ("hoog", "laag") and klasse != "hoog"
        ),
        kaartjes.stilte(bekend, ["het deel corporatiewoningen", "de gemiddelde woningwaarde"], 2021),
        kaartjes.stilte(Bekend(Q3), ["de gemiddelde woningwaarde"], 2021),
    ]


@pytest.fixture(params=["by hand", "assen", "demo"])
def cards(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    if request.param == "by hand":
        return every_card()
    url = request.getfixturevalue(f"{request.param}_url")
    return [card for (card,) in rows(url, "select distinct kaartje from intern.hotspot")]


def test_a_card_answers_four_questions(cards: list[dict[str, Any]]) -> None:
    assert cards
    for card in cards:
        assert set(card) == {"titel", "uitleg", "hoe_zeker", "wat_niet", "vragen"}
        assert card["vragen"][0] == "Herkent u dit?"
        assert len(card["vragen"]) >= 3
        assert all(question.endswith("?") for question in card["vragen"])
        for part in ("uitleg", "hoe_zeker", "wat_niet"):
            assert card[part].endswith(".")
            assert not re.search(r"\.\.|  | \.|None|nan", card[part]), card[part]


def test_a_card_ranks_and_blames_nobody(cards: list[dict[str, Any]]) -> None:
    for card in cards:
        text = json.dumps(card, ensure_ascii=False).lower()
        assert [word for word in UNFAIR if word in text] == []


def test_sentences_are_short_enough_to_read(cards: list[dict[str, Any]]) -> None:
    for card in cards:
        for sentence in re.split(r"(?<=[.?]) ", " ".join((card["uitleg"], card["hoe_zeker"], card["wat_niet"]))):
            assert len(sentence.split()) <= LONGEST_SENTENCE, sentence


def test_no_count_of_the_result_is_in_its_text(demo_url: str) -> None:
    """Distances, dates and chances are; how many reports is not."""
    for aantal, plekken, card in rows(
        demo_url, "select aantal, plekken, kaartje from intern.hotspot where aantal is not null and methode = 'scan'"
    ):
        text = " ".join(card[part] for part in ("titel", "uitleg", "hoe_zeker", "wat_niet"))
        without_dates = re.sub(r"\d+ [a-z]+ \d{4}|\d e kwartaal|1 op de [\d.]+|1\.000|10 meter|20\d\d", "", text)
        assert not {str(aantal), str(plekken)} & set(re.findall(r"\d+", without_dates)), text


@pytest.mark.parametrize(
    ("p", "said"),
    [
        (0.001, "hoogstens 1 op de 1.000"),
        (0.0015, "ongeveer 1 op de 667"),
        (0.002, "ongeveer 1 op de 500"),
        (0.05, "ongeveer 1 op de 20"),
    ],
)
def test_a_chance_is_told_in_words_with_the_smallest_that_can_be_measured(p: float, said: str) -> None:
    card = kaartjes.hoog(AFVAL, Bekend(Q3), p, 999)
    assert f"ergens in de gemeente, {said}." in card["hoe_zeker"]
    smallest = "Een kleinere kans kunnen wij niet meten." if p == 0.001 else "kunnen meten is 1 op de 1.000."
    assert smallest in card["hoe_zeker"]


def test_how_far_buurten_usually_differ_is_told_when_it_is_known() -> None:
    said = [kaartjes.hoog(AFVAL, Bekend(Q3, bijzonder=known), 0.001, 999)["hoe_zeker"] for known in (None, True, False)]
    assert ["uiteen" in sentence for sentence in said] == [False, True, True]
    assert ["valt dit gebied op" in sentence for sentence in said] == [False, True, False]
    assert ["niet bijzonder" in sentence for sentence in said] == [False, False, True]


def test_what_is_not_known_is_told_and_nothing_else() -> None:
    plain = kaartjes.hoog(AFVAL, Bekend(Q3, noemer=("woningen", 2026)), 0.001, 999)["wat_niet"]
    full = every_card()[1]["wat_niet"]
    for sentence in (
        "De bron telde niet overal of niet alle dagen.",
        "Het tellen veranderde op 1 augustus 2026: nieuw systeem.",
        "Wat daarvoor is geteld, doet niet mee.",
        "Wie er meldden is niet bekend",
        "Het cijfer over woningen is van 2021.",
        "zijn er weinig woningen",
    ):
        assert sentence in full
        assert sentence not in plain
    assert "Waar veel bezoekers komen" in plain


def test_little_reporting_is_not_called_few_problems() -> None:
    low = kaartjes.verloop(AFVAL, "blijvend-laag", Bekend(Q3))
    assert "Weinig meldingen is niet hetzelfde als weinig problemen." in low["wat_niet"]
    high = kaartjes.verloop(AFVAL, "blijvend-hoog", Bekend(Q3))
    assert "de weg naar de gemeente beter kennen" in high["wat_niet"]
    assert (low["titel"], high["titel"]) == ("Afval: bijna altijd laag", "Afval: bijna altijd hoog")


def test_a_card_names_the_days_that_were_counted(assen_url: str) -> None:
    """The source of Assen begins on 18 May: its quarter did not."""
    told = rows(
        assen_url,
        "select distinct kaartje ->> 'uitleg' from intern.hotspot where periode = '2026-Q2' and klasse <> 'nieuw'",
    )
    assert told
    assert all(text.startswith("Tussen 18 mei 2026 en 30 juni 2026 ") for (text,) in told)


def test_every_method_and_class_of_a_stored_result_is_known(demo_url: str) -> None:
    found = rows(demo_url, "select distinct methode, klasse from intern.hotspot")
    assert {methode for methode, _ in found} == set(METHODEN)
    assert {klasse for _, klasse in found} <= set(KLASSEN)
