"""The metadata document, as a page or a program reads it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from geo_service.catalogus.metadata import metadata
from geo_service.catalogus.teksten import citeren, kwaliteit
from geo_service.catalogus.toelichtingen import TOELICHTINGEN
from geo_service.catalogus.waarden import Licentie
from tests.geo_service.catalogus.voorbeeld import (
    BASIS,
    DATASET,
    MELDPUNT,
    POLITIE,
    UITGAVE,
    with_bronnen,
    with_licence,
)

URL = f"{BASIS}/v1/collections/meldingen-per-gebied/metadata?gemeente=GM0999"


@pytest.fixture(scope="module")
def document():
    return json.loads(json.dumps(metadata(DATASET, UITGAVE)))


def test_the_head_says_what_it_is(document):
    assert {
        name: document[name] for name in ("id", "titel", "definitie", "toegang", "verversing", "gewijzigd", "url")
    } == {
        "id": "meldingen-per-gebied",
        "titel": "Overlastmeldingen per gebied, Dorp",
        "definitie": "Het aantal meldingen van één bron.",
        "toegang": "Openbaar",
        "verversing": "Elk kwartaal",
        "gewijzigd": "2024-07-29T03:00:00+00:00",
        "url": URL,
    }
    assert document["gemeente"] == {"code": "GM0999", "naam": "Dorp"}
    assert document["looptijd"] == {"van": "2023-01-01", "tot": "2024-06-30"}
    assert document["registratie_eenheden"] == ["melding", "misdrijf"]


def test_coverage_is_told_and_given_as_data(document):
    assert [bron["dekking"] for bron in document["bronnen"]] == [
        [
            {
                "gebied": "GM0999", "gebied_naam": "Dorp", "van": "2023-01-01", "tot": "2024-12-31",
                "loopt_door": True, "afgeleid": False,
            }
        ],
        [
            {
                "gebied": "GM0999", "gebied_naam": "Dorp", "van": "2023-01-02", "tot": "2023-12-31",
                "loopt_door": False, "afgeleid": True,
            }
        ],
    ]  # fmt: skip
    assert document["dekking_tekst"] == f"meldpunt: {MELDPUNT.dekking_tekst}. politie: {POLITIE.dekking_tekst}."


def test_what_nobody_told_is_none_and_not_invented(document):
    politie = document["bronnen"][1]
    assert politie["definitie"] is None
    assert politie["licentie"] == {"naam": "Licentie niet opgegeven", "url": None}
    assert document["licentie"]["naam"] == "Licentie niet opgegeven"
    assert document["licentie"]["url"] is None


def test_trend_breaks_have_a_day_a_reason_and_a_place(document):
    assert document["bronnen"][0]["trendbreuken"][1] == {
        "datum": "2024-05-01",
        "reden": "team verhuisd",
        "gebied": "West",
        "tekst": "Trendbreuk bij meldpunt in West op 1 mei 2024: team verhuisd",
    }


def test_fields_come_with_their_meaning(document):
    assert document["velden"] == [
        {"naam": "status", "soort": "string", "betekenis": "Of er een cijfer is.", "waarden": ["ok", "onderdrukt"]},
        {"naam": "aantal", "soort": "integer", "betekenis": "Aantal.", "waarden": []},
    ]


def test_formats_have_an_address_each(document):
    assert {item["code"]: item["url"] for item in document["formaten"]}["parquet"] == (
        f"{BASIS}/v1/collections/meldingen-per-gebied/items?gemeente=GM0999&f=parquet"
    )


@pytest.mark.parametrize(
    ("dataset", "noted"),
    [
        (
            DATASET,
            [
                "collectie",
                "grenzen-benaderd",
                "trendbreuk",
                "dekking-afgeleid",
                "definitie-onbekend",
                "eenheden-verschillen",
            ],
        ),
        (replace(DATASET, grenzen_benaderd=False, bronnen=(MELDPUNT,)), ["collectie", "trendbreuk"]),
        (
            replace(DATASET, grenzen_benaderd=False, bronnen=(replace(POLITIE, dekking=(), definitie="diefstal"),)),
            ["collectie", "dekking-onbekend"],
        ),
    ],
)
def test_limits_are_noted_when_they_hold(dataset, noted):
    assert [note.kenmerk for note in kwaliteit(dataset)] == noted


def test_how_to_cite_is_one_ready_line():
    assert citeren(DATASET, UITGAVE) == (
        "Gemeente Dorp, Overlastmeldingen per gebied, Dorp [dataset], versie van 29 juli 2024. "
        "Bronnen: meldpunt (houder: Gemeente Dorp), politie (houder: Politie). Licentie: niet opgegeven. " + URL
    )


def test_how_to_cite_without_a_version_asks_for_the_day():
    cited = citeren(replace(with_bronnen(MELDPUNT), gewijzigd=None), with_licence(Licentie.CC0))
    assert "zonder versiedatum; noem zelf de dag waarop u de gegevens ophaalde" in cited
    assert "Licentie: CC0 1.0." in cited


@pytest.mark.parametrize("identifier", TOELICHTINGEN)
def test_our_own_texts_are_sentences(identifier):
    uitleg = TOELICHTINGEN[identifier]
    for zin in (uitleg.definitie, *uitleg.kwaliteit):
        assert zin == zin.strip()
        assert zin.endswith(".")
    assert uitleg.trefwoorden
