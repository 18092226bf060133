"""Features and questions as a person reads them: tables with Dutch numbers, and the question in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from geo_service.api.vraag import ItemsVraag
from geo_service.domain.crs import CRS84, Crs
from geo_service.domain.perioden import dag_naam
from geo_service.domain.velden import Soort, Veld
from geo_service.release.collecties import Collectie
from geo_service.release.selectie import Moment
from maps.getallen import format_getal
from maps.teksten import STATUS_UITLEG, STATUS_WOORD

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
LEEG = "–"
# Four digits stay together, as Dutch prefers, so that a year is never written as 2.021.
GROUPED_FROM = 10_000
VORMEN = {"Polygon": "vlak", "MultiPolygon": "vlak", "LineString": "lijn", "MultiLineString": "lijn"}

Feature = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cel:
    """One value in words. status: the code of a status, so that its mark can be shown."""

    tekst: str
    getal: bool = False
    status: str | None = None


@dataclass(frozen=True)
class Rij:
    sleutel: str
    adres: str
    ligging: str
    cellen: tuple[Cel, ...]


@dataclass(frozen=True)
class Tabel:
    """Features as a table. vast: what is the same on every row and is told once. statussen: (code, word, meaning)."""

    kolommen: tuple[Veld, ...]
    rijen: tuple[Rij, ...]
    vast: tuple[tuple[Veld, Cel], ...]
    statussen: tuple[tuple[str, str, str], ...]


def make_tabel(features: Sequence[Feature], adressen: Iterable[str], velden: Sequence[Veld]) -> Tabel:
    """velden: the fields in order; those that the features do not hold are left out."""
    shown = [veld for veld in velden if features and veld.naam in features[0]["properties"]]
    cells = [[make_cel(feature["properties"][veld.naam], veld) for veld in shown] for feature in features]
    same = {at for at in range(len(shown)) if len(cells) > 1 and all(row[at] == cells[0][at] for row in cells)}
    rijen = tuple(
        Rij(
            str(feature["id"]),
            adres,
            ligging(feature["geometry"]),
            tuple(cel for at, cel in enumerate(row) if at not in same),
        )
        for feature, adres, row in zip(features, adressen, cells, strict=True)
    )
    codes = {cel.status for row in cells for cel in row if cel.status}
    return Tabel(
        kolommen=tuple(veld for at, veld in enumerate(shown) if at not in same),
        rijen=rijen,
        vast=tuple((veld, cells[0][at]) for at, veld in enumerate(shown) if at in same),
        statussen=tuple(explain_statussen(codes)),
    )


def explain_statussen(codes: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Code, word and meaning of the statuses, in their usual order."""
    known = set(codes)
    for code, word in STATUS_WOORD.items():
        if code in known:
            yield code, word, STATUS_UITLEG.get(code, "Er is een cijfer, en het is zeker genoeg om te gebruiken.")


def make_cel(value: Any, veld: Veld) -> Cel:
    """A value of a field as it comes from JSON."""
    if value is None or value == "":
        return Cel(LEEG)
    if veld.naam == "status" and value in STATUS_WOORD:
        return Cel(STATUS_WOORD[value], status=value)
    if isinstance(value, bool):
        return Cel("ja" if value else "nee")
    if isinstance(value, int | float):
        return Cel(number_text(value), getal=True)
    if veld.soort is Soort.DAG:
        return Cel(dag_naam(date.fromisoformat(value)))
    if veld.soort is Soort.MOMENT:
        return Cel(moment_text(datetime.fromisoformat(value)))
    return Cel(str(value))


def number_text(value: float) -> str:
    """12345.5 is "12.345,5" and 2021 stays "2021"; at most three decimals, none for nothing."""
    decimals = len(f"{value:.3f}".partition(".")[2].rstrip("0"))
    text = format_getal(value, decimals)
    return text if abs(value) >= GROUPED_FROM else text.replace(".", "")


def moment_text(moment: datetime) -> str:
    local = moment.astimezone(AMSTERDAM)
    return f"{dag_naam(local.date())}, {local:%H:%M} uur"


def ligging(geometry: Mapping[str, Any] | None) -> str:
    """Where a feature is, in a few words: "punt 6,88 52,22" in the order of the answer, or "vlak"."""
    if geometry is None:
        return LEEG
    if geometry["type"] != "Point":
        return VORMEN.get(geometry["type"], "vorm")
    first, second = geometry["coordinates"][:2]
    decimals = 0 if max(abs(first), abs(second)) > 360 else 5
    return f"punt {_coordinate(first, decimals)} {_coordinate(second, decimals)}"


def _coordinate(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}".replace(".", ",")


def question_in_words(vraag: ItemsVraag, collectie: Collectie) -> list[tuple[str, str]]:
    """What was asked, as (what, value); empty when everything was asked."""
    asked = list(_of_question(vraag, collectie))
    asked += _of_filters(vraag)
    if vraag.sortby:
        order = (f"{naam} (van hoog naar laag)" if dalend else naam for naam, dalend in vraag.sortby)
        asked.append(("Volgorde", ", daarna ".join(order)))
    if vraag.velden is not None:
        asked.append(("Alleen deze velden", ", ".join(vraag.velden)))
    if vraag.crs is not CRS84:
        asked.append(("Coördinaten", vraag.crs.naam))
    if vraag.offset:
        asked.append(("Overgeslagen", f"de eerste {vraag.offset}"))
    return asked


def _of_question(vraag: ItemsVraag, collectie: Collectie) -> Iterator[tuple[str, str]]:
    own = vraag.vraag
    told = {
        "niveau": ("Soort gebied", own.niveau),
        "gebied": ("Gebied", own.gebied),
        "bron": ("Bron", own.bron),
        "categorie": ("Categorie", None if own.categorie == "alle" else own.categorie),
        "periode": ("Periode", own.periode),
        "noemer": ("Vergeleken met", f"1.000 {own.noemer}" if own.noemer else None),
        "peiljaar": ("Gebiedsindeling van", str(own.peiljaar) if own.peiljaar else None),
    }
    if vraag.gemeente:
        yield "Gemeente", vraag.gemeente
    for naam, (label, text) in told.items():
        if naam in collectie.parameters and text:
            yield label, text


def _of_filters(vraag: ItemsVraag) -> Iterator[tuple[str, str]]:
    filters = vraag.filters
    if filters.box is not None:
        yield "In het vak", _box_text(filters.box, filters.box.crs)
    if filters.moment is not None:
        yield "Tijd", _span_text(filters.moment)
    for naam, waarde in filters.gelijk.items():
        yield naam, _plain(waarde)
    if filters.cql2 is not None:
        yield "Voorwaarde (filter)", filters.cql2.tekst


def _box_text(box: Any, crs: Crs) -> str:
    decimals = 5 if crs.geografisch else 0
    west, south, east, north = (_coordinate(value, decimals) for value in (box.west, box.south, box.east, box.north))
    return f"west {west}, zuid {south}, oost {east}, noord {north}; {crs.naam}"


def _span_text(moment: Moment) -> str:
    van = moment.van and dag_naam(moment.van.astimezone(AMSTERDAM).date())
    tot = moment.tot and dag_naam(moment.tot.astimezone(AMSTERDAM).date())
    if van and tot:
        return van if van == tot else f"{van} t/m {tot}"
    return f"vanaf {van}" if van else f"tot en met {tot}"


def _plain(waarde: Any) -> str:
    if isinstance(waarde, bool):
        return "ja" if waarde else "nee"
    if isinstance(waarde, datetime):
        return moment_text(waarde)
    return dag_naam(waarde) if isinstance(waarde, date) else str(waarde)
