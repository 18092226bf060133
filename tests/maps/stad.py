"""An invented town of 70 hexagonal buurten with every status, for the tests of the maps."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from typing import Any

from maps.model import BaseMap, KaartModel, Toelichting

CENTRE = (6.89, 52.22)
RADIUS = 0.0075
STATUS_OF = {7: "onderdrukt", 21: "onderdrukt", 33: "onderdrukt", 12: "niet_gedekt", 13: "niet_gedekt"} | {
    45: "ontbreekt",
    28: "onbetrouwbaar",
    50: "onbetrouwbaar",
    64: "onbetrouwbaar",
}
NOTES = (
    Toelichting("definitie", "Meldingen openbare ruimte die inwoners zelf doen. Eén melding telt één keer."),
    Toelichting("dekking", "De bron dekt 68 van de 70 buurten, van 1 januari 2022 tot nu."),
    Toelichting("trendbreuk", "1 maart 2024: nieuw systeem. Vergelijk niet met eerdere perioden."),
)


def hexagon(column: int, row: int, size: float = RADIUS) -> dict[str, Any]:
    """A flat hexagon of the grid, in degrees stretched to look regular at this latitude."""
    stretch = 1 / math.cos(math.radians(CENTRE[1]))
    x = CENTRE[0] + math.sqrt(3) * RADIUS * stretch * (column - 4.5 + 0.5 * (row % 2))
    y = CENTRE[1] + 1.5 * RADIUS * (row - 3)
    corners = [[x + size * stretch * math.sin(math.pi / 3 * k), y + size * math.cos(math.pi / 3 * k)] for k in range(6)]
    return {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}


def gebied(i: int, rng: random.Random) -> dict[str, Any]:
    status = STATUS_OF.get(i, "ok")
    houses = rng.randint(300, 2400)
    count = 0 if i == 3 else int(houses * rng.lognormvariate(-4.2, 0.8))
    rate = 1000 * count / houses
    half = 1.96 * math.sqrt(count) * 1000 / houses
    known = status in ("ok", "onbetrouwbaar")
    return {
        "type": "Feature",
        "id": f"BU0999{i:04d}",
        "geometry": hexagon(i % 10, i // 10),
        "properties": {
            "gebied_code": f"BU0999{i:04d}",
            "gebied_naam": f"{NAMES[i % 10]} {WINDS[i // 10]}",
            "niveau": "buurt",
            "periode": "2024-Q3",
            "bron": "signalen",
            "categorie": "afval",
            "aantal": count if known else None,
            "noemer": "woningen",
            "per_1000": rate if known else None,
            "laag": max(0.0, rate - half) if known else None,
            "hoog": rate + half if known else None,
            "status": status,
            "dekking": "volledig" if status != "niet_gedekt" else "geen dekking in deze periode",
            "trendbreuk": "1 maart 2024: nieuw systeem" if i == 5 else None,
            "herkomst": "Signalen, peildatum 30 september 2024",
        },
    }


NAMES = ("Molenveld", "'t Zwering", "De Laares", "Elsbeek", "Bolhaar", "Hogeland", "Pathmos", "Roombeek")
NAMES += ("Walhof & Zoon", "Velve-Lindenhof")
WINDS = ("Noord", "Oost", "Zuid", "West", "Midden", "Binnen", "Buiten")


def collection(features: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": features}


def point(properties: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    place = [CENTRE[0] + rng.uniform(-0.09, 0.09), CENTRE[1] + rng.uniform(-0.03, 0.03)]
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": place}, "properties": properties}


def hotspot(column: int, row: int, nummer: int) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": hexagon(column, row, RADIUS * 0.55),
        "properties": {
            "titel": f"Afval rond plein {nummer}",
            "uitleg": "Hier is in deze periode vaker afval gemeld dan in de rest van de gemeente.",
            "aantal": 34 + nummer,
            "plekken": 12,
            "periode": "3e kwartaal 2024",
            "bron": "Signalen",
            "herkomst": "DBSCAN, straal 150 m",
        },
    }


def result(methode: str, klasse: str, cells: list[int], **changes: Any) -> dict[str, Any]:
    """A result of whole buurten, with the names that the API gives. cells: numbers of the hexagons."""
    names = [f"{NAMES[i % 10]} {WINDS[i // 10]}" for i in cells]
    rings = [hexagon(i % 10, i // 10)["coordinates"] for i in cells]
    return {
        "type": "Feature",
        "geometry": {"type": "MultiPolygon", "coordinates": rings},
        "properties": {
            "methode": methode,
            "klasse": klasse,
            "buurten": ", ".join(names),
            "titel": f"Afval: {klasse} (zo zegt de bron het)",
            "uitleg": f"Uitleg van {klasse}.",
            "hoe_zeker": f"Zekerheid van {klasse}.",
            "wat_niet": f"Onbekend bij {klasse}.",
            "vragen": ["Herkent u dit?", f"Vraag bij {klasse}?"],
            "begin": "2024-07-01",
            "eind": "2024-09-30",
            "aantal": 57,
            "plekken": 31,
            "plekken_soort": "melders of adressen",
            "verwacht": 12.4,
            "verhouding": 2.5,
            "p_waarde": 0.012,
            "status": "ok",
            "herkomst": "Bron: Signalen; berekening 8",
        }
        | changes,
    }


NO_FIGURES: dict[str, Any] = dict.fromkeys(("aantal", "plekken", "verwacht", "verhouding", "p_waarde"))


def with_results(model: KaartModel, **changes: Any) -> KaartModel:
    """The town with two results of each layer of whole buurten; the last layers start switched off."""
    course = {"aantal": None, "plekken": None, "verwacht": None, "verhouding": None}
    found = [
        result("scan", "hoog", [44, 45]),
        result("scan", "hoog", [18], status="onderdrukt", **NO_FIGURES),
        result("scan", "nieuw", [44]),
        result("scan", "nieuw", [2, 3]),
        result("opkomend", "stijgend-hoog", [23], **course),
        result("opkomend", "voorheen-laag", [60], **course),
        result("blinde-vlekken", "stil", [56]),
        result("blinde-vlekken", "stil", [9], status="onderdrukt", **NO_FIGURES),
    ]
    hotspots = collection([*model.hotspots["features"], *found])
    return replace(model, **({"hotspots": hotspots, "lagen_uit": frozenset({"opkomend", "stil"})} | changes))


def make_stad(*, voorzieningen: int = 120, base_map: BaseMap | None = None) -> KaartModel:
    rng = random.Random(7)
    wijkwijzer = {
        "openingstijden": "ma–vr 9.00–12.00",
        "adres": "Dorpsstraat 1",
        "partners": ["wijkteam", "corporatie"],
    }
    voorziening = {
        "type": "buurthuis",
        "aanbieder": "Alifa",
        "bereik": "buurt",
        "openingstijden": "di 14.00–16.00",
    }
    return KaartModel(
        titel="Meldingen over afval",
        gemeente_naam="Voorbeeldstad",
        niveau="buurt",
        periode_tekst="juli tot en met september 2024",
        bron="Signalen (meldingen openbare ruimte)",
        categorie="Afval",
        noemer="woningen",
        gebieden=collection([gebied(i, rng) for i in range(70)]),
        wijkwijzers=collection([point({"naam": f"Wijkwijzer {i}", **wijkwijzer}, rng) for i in range(1, 6)]),
        voorzieningen=collection(
            [point({"naam": f"Buurthuis {i}", **voorziening}, rng) for i in range(1, voorzieningen + 1)]
        ),
        hotspots=collection([hotspot(2, 4, 1), hotspot(6, 2, 2)]),
        base_map=base_map,
        benaderd=True,
        toelichting=NOTES,
        herkomst=(
            "Signalen, gemeente Voorbeeldstad, peildatum 30 september 2024",
            "Gebieden: CBS/Kadaster 2021, CC-BY 4.0",
        ),
    )


def with_gebieden(model: KaartModel, **changes: Any) -> KaartModel:
    """The model with the same change in the properties of every area."""
    features = [f | {"properties": f["properties"] | changes} for f in model.gebieden["features"]]
    return replace(model, gebieden=collection(features))
