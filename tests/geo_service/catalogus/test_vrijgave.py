"""What a viewer gets to know of the collections: theirs only, with the sources of those collections and no counts."""

from __future__ import annotations

import json
from datetime import date

import pytest
from pyproj import Transformer

from geo_service.catalogus.adressen import Adressen
from geo_service.catalogus.dcat import make_graph, to_turtle
from geo_service.catalogus.metadata import metadata
from geo_service.catalogus.model import Catalogus, CollectieTekst, Looptijd, Organisatie, Uitgave
from geo_service.catalogus.toelichtingen import TOELICHTINGEN
from geo_service.errors import NotFound
from geo_service.release.catalogus import beschrijf, dekkingskaart
from geo_service.release.context import connect_as, load_gemeente
from tests.geo_service.pool import ask_database
from tests.geo_service.release.dorp import (
    BEHEERDER,
    BRONNEN,
    CORNER,
    GEMEENTE,
    MANAGER,
    PUBLIEK,
    load_dorp,
    load_tellingen,
    load_voorzieningen,
)
from tests.geo_service.support import change

WEST_2024 = """
[[dekking]]
bron = "meldpunt"
gebied = "GM0999-SD-west"
van = 2024-01-01

[[trendbreuk]]
bron = "meldpunt"
datum = 2024-03-01
reden = "nieuw systeem"
gebied = "GM0999-SD-west"
"""
RULES = {
    "buurten": lambda _: True,
    "meldingen": lambda viewer: viewer.scoped,
    "meldingen-per-gebied": lambda viewer: viewer.may_see_figures,
    "voorzieningen": lambda _: True,
    "interventies": lambda viewer: viewer.scoped,
}
COLLECTIES = [
    CollectieTekst(name, name.capitalize(), "Een collectie.", (), TOELICHTINGEN[name], rule)
    for name, rule in RULES.items()
]
BY_ID = {collectie.id: collectie for collectie in COLLECTIES}
UITGAVE = Uitgave(Organisatie("gemeente Dorp"), Adressen("https://dorp.nl"))
COUNTED = 7341
"""A count that stands out, to look for in what leaves the service."""


@pytest.fixture(scope="module")
def village(server, worker, migrated):
    """Coverage of west only, open-ended; counts in A and E; a place; and a source of interventies, for staff only."""
    name = f"{worker}_vrijgave"
    url = load_dorp(server.clone(migrated, name), bronnen=BRONNEN + WEST_2024)
    load_tellingen(url, {"A": COUNTED, "E": 12})
    load_voorzieningen(
        url, [{"naam": "Buurthuis", "type": "buurthuis", "gevoelig": False, "x": 200_500.0, "y": 470_500.0}]
    )
    change(
        url,
        "insert into publiek.bron (gemeente_code, naam, laag) values (%s, 'geheime-acties', 'interventies')",
        GEMEENTE,
    )
    yield url
    server.drop(name)


def on_gemeente(url, viewer, question):
    """The answer to ``question(connection, gemeente)`` on a connection of the viewer's own role."""

    async def answer(database):
        async with connect_as(database, viewer) as connection:
            return await question(connection, await load_gemeente(connection, viewer, GEMEENTE))

    return ask_database(url, answer)


def described(url, viewer=PUBLIEK):
    datasets = on_gemeente(
        url, viewer, lambda connection, gemeente: beschrijf(connection, viewer, gemeente, COLLECTIES)
    )
    return {dataset.collectie.id: dataset for dataset in datasets}


def everything_written(datasets) -> str:
    documents = [json.dumps(metadata(dataset, UITGAVE), ensure_ascii=False) for dataset in datasets]
    return "\n".join([to_turtle(make_graph(Catalogus(UITGAVE, tuple(datasets)))), *documents])


@pytest.mark.parametrize(
    ("viewer", "seen"),
    [
        (PUBLIEK, ["buurten", "meldingen-per-gebied", "voorzieningen"]),
        (MANAGER, ["buurten", "meldingen", "meldingen-per-gebied", "voorzieningen", "interventies"]),
        (BEHEERDER, ["buurten", "voorzieningen"]),
    ],
)
def test_only_the_collections_that_a_viewer_may_see(village, viewer, seen):
    assert list(described(village, viewer)) == seen


def test_nothing_of_a_hidden_collection_and_no_count_is_written(village):
    written = everything_written(described(village).values())
    assert {
        word for word in ("geheime-acties", "interventies", "/meldingen/", str(COUNTED)) if word in written
    } == set()
    assert "geheime-acties" in everything_written(described(village, MANAGER).values())


def test_a_collection_has_the_sources_of_its_own_layers(village):
    assert {name: [bron.naam for bron in dataset.bronnen] for name, dataset in described(village, MANAGER).items()} == {
        "buurten": [],
        "meldingen": ["meldpunt"],
        "meldingen-per-gebied": ["meldpunt"],
        "voorzieningen": ["sociale-kaart"],
        "interventies": ["geheime-acties"],
    }


def test_coverage_and_trend_breaks_come_along(village):
    (bron,) = described(village)["meldingen-per-gebied"].bronnen
    (regel,) = bron.dekking
    assert (regel.gebied, regel.gebied_naam, regel.van, regel.loopt_door, regel.afgeleid) == (
        "GM0999-SD-west",
        "West",
        date(2024, 1, 1),
        True,
        False,
    )
    assert [(breuk.datum, breuk.reden, breuk.gebied) for breuk in bron.trendbreuken] == [
        (date(2024, 3, 1), "nieuw systeem", "West")
    ]
    assert (bron.houder, bron.licentie, bron.grondslag) == ("gemeente Dorp", None, None)


def test_the_public_reads_the_released_span_and_staff_the_coverage(village):
    """The year 2024 is released, but the last report is of 15 February."""
    public, staff = (described(village, viewer)["meldingen-per-gebied"] for viewer in (PUBLIEK, MANAGER))
    assert public.looptijd == Looptijd(date(2024, 1, 1), date(2024, 2, 15))
    assert staff.looptijd == Looptijd(date(2024, 1, 1), None)
    assert public.gewijzigd is not None
    assert described(village)["buurten"].looptijd is None


def test_the_box_holds_the_municipality_and_little_more(village):
    to_lonlat = Transformer.from_crs(28992, 4326, always_xy=True)
    x, y = CORNER
    corners = [to_lonlat.transform(x + dx, y + dy) for dx in (0, 4000) for dy in (0, 2000)]
    lon, lat = zip(*corners, strict=True)
    west, south, east, north = described(village)["buurten"].bbox
    assert west <= min(lon) <= max(lon) <= east
    assert south <= min(lat) <= max(lat) <= north
    assert (west, south, east, north) == pytest.approx((min(lon), min(lat), max(lon), max(lat)), abs=0.00015)


def test_the_coverage_map_draws_every_buurt_also_where_nothing_counts(village):
    drawn = on_gemeente(
        village,
        PUBLIEK,
        lambda connection, gemeente: dekkingskaart(connection, PUBLIEK, gemeente, BY_ID["meldingen-per-gebied"]),
    )
    status = {area["properties"]["gebied_naam"][-1]: area["properties"]["bronnen"][0]["status"] for area in drawn}
    assert status == dict.fromkeys("ABCD", "gedekt") | dict.fromkeys("EFGH", "geen")
    assert {area["geometry"]["type"] for area in drawn} == {"MultiPolygon"}


def test_a_wijk_in_both_stadsdelen_is_covered_in_part(village):
    drawn = on_gemeente(
        village,
        PUBLIEK,
        lambda connection, gemeente: dekkingskaart(
            connection, PUBLIEK, gemeente, BY_ID["meldingen-per-gebied"], niveau="wijk"
        ),
    )
    status = {area["properties"]["gebied_naam"]: area["properties"]["bronnen"][0]["status"] for area in drawn}
    assert status == {"Wijk 1": "gedekt", "Wijk 2": "deels", "Wijk 3": "geen"}


def test_the_coverage_map_of_a_hidden_collection_does_not_exist(village):
    with pytest.raises(NotFound, match="bestaat niet"):
        on_gemeente(
            village,
            PUBLIEK,
            lambda connection, gemeente: dekkingskaart(connection, PUBLIEK, gemeente, BY_ID["interventies"]),
        )


def test_a_municipality_without_sources_is_described_without_inventing_any(url):
    load_dorp(url, bronnen="")
    dataset = described(url)["meldingen-per-gebied"]
    assert (dataset.bronnen, dataset.looptijd, dataset.gewijzigd) == ((), None, None)
    assert metadata(dataset, UITGAVE)["dekking_tekst"] == "Bij deze collectie horen geen bronnen met een eigen dekking."
