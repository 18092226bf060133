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
from maps.getallen import format_cijfer, format_getal
from maps.teksten import STATUS_UITLEG, STATUS_WOORD

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
LEEG = "–"
# Four digits stay together, as Dutch prefers, so that a year is never written as 2.021.
GROUPED_FROM = 10_000
VORMEN = {"Polygon": "vlak", "MultiPolygon": "vlak", "LineString": "lijn", "MultiLineString": "lijn"}
# What a feature is called, the first that it has.
NAMEN = frozenset({"gebied_naam", "naam", "titel"})
HERKOMST = "herkomst"

Feature = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cel:
    """One value in words. status: the code of a status, so that its mark can be shown."""

    tekst: str
    getal: bool = False
    status: str | None = None


@dataclass(frozen=True)
class Rij:
    """One feature. naam: what people call it; None when it has no name."""

    sleutel: str
    naam: str | None
    adres: str
    ligging: str
    cellen: tuple[Cel, ...]


@dataclass(frozen=True)
class Tabel:
    """Features as a table. naamveld: what heads the rows; vast: what is the same on all of them and is told once.

    statussen: (code, word, meaning) of those that occur.
    """

    naamveld: Veld | None
    kolommen: tuple[Veld, ...]
    rijen: tuple[Rij, ...]
    vast: tuple[tuple[Veld, Cel], ...]
    statussen: tuple[tuple[str, str, str], ...]


def make_tabel(features: Sequence[Feature], adressen: Iterable[str], velden: Sequence[Veld]) -> Tabel:
    """velden: the fields in order; those that the features do not hold are left out, and so is where they come from,
    which stands under the table."""
    held = features[0]["properties"] if features else {}
    naamveld = next((veld for veld in velden if veld.naam in NAMEN and veld.naam in held), None)
    shown = [veld for veld in velden if veld.naam in held and veld is not naamveld]
    columns = {veld.naam: _column([feature["properties"][veld.naam] for feature in features], veld) for veld in shown}
    same = [veld for veld in shown if len(features) > 1 and len(set(columns[veld.naam])) == 1]
    kolommen = tuple(veld for veld in shown if veld not in same and not (veld.naam == HERKOMST and len(features) == 1))
    rijen = tuple(
        Rij(
            str(feature["id"]),
            feature["properties"][naamveld.naam] if naamveld else None,
            adres,
            ligging(feature["geometry"]),
            tuple(columns[veld.naam][at] for veld in kolommen),
        )
        for at, (feature, adres) in enumerate(zip(features, adressen, strict=True))
    )
    codes = {cel.status for column in columns.values() for cel in column if cel.status}
    vast = tuple((veld, columns[veld.naam][0]) for veld in same if veld.naam != HERKOMST)
    return Tabel(naamveld, kolommen, rijen, vast, tuple(explain_statussen(codes)))


def _column(values: Sequence[Any], veld: Veld) -> list[Cel]:
    """The cells of one field, its numbers all with as many decimals as the longest needs."""
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    decimals = max(map(decimals_of, numbers), default=0)
    return [make_cel(value, veld, decimals) for value in values]


def explain_statussen(codes: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Code, word and meaning of the statuses, in their usual order."""
    known = set(codes)
    for code, word in STATUS_WOORD.items():
        if code in known:
            yield code, word, STATUS_UITLEG.get(code, "Er is een cijfer, en het is zeker genoeg om te gebruiken.")


def make_cel(value: Any, veld: Veld, decimals: int | None = None) -> Cel:
    """A value of a field as it comes from JSON. decimals: of a number; None for as many as it needs."""
    if value is None or value == "":
        return Cel(LEEG)
    if veld.naam == "status" and value in STATUS_WOORD:
        return Cel(STATUS_WOORD[value], status=value)
    if isinstance(value, bool):
        return Cel("ja" if value else "nee")
    if isinstance(value, int | float):
        return Cel(number_text(value, decimals), getal=True)
    if veld.soort is Soort.DAG:
        return Cel(span_end(date.fromisoformat(value)))
    if veld.soort is Soort.MOMENT:
        return Cel(moment_text(datetime.fromisoformat(value)))
    return Cel(str(value))


def span_end(dag: date) -> str:
    """A day; the first of the calendar stands for: as long as anyone knows."""
    return "van oudsher" if dag == date.min else dag_naam(dag)


def decimals_of(value: float) -> int:
    """How many decimals a number needs, three at most."""
    return len(f"{value:.3f}".partition(".")[2].rstrip("0"))


def number_text(value: float, decimals: int | None = None) -> str:
    """12345.5 is "12.345,5" and 2021 stays "2021"."""
    text = format_getal(value, decimals_of(value) if decimals is None else decimals)
    return text if abs(value) >= GROUPED_FROM else text.replace(".", "")


def number_or_dash(value: float | None) -> str:
    return LEEG if value is None else number_text(value)


def rate_or_dash(value: float | None) -> str:
    """A rate per 1.000, short: a reader compares and does not calculate."""
    return LEEG if value is None else format_cijfer(value, "per_1000")


def day_text(text: str) -> str:
    """The day of an ISO date or moment, in words."""
    return dag_naam(date.fromisoformat(text[:10]))


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
    west, south, east, north = (_short(value, crs) for value in (box.west, box.south, box.east, box.north))
    return f"west {west}, zuid {south}, oost {east}, noord {north}; {crs.naam}"


def _short(value: float, crs: Crs) -> str:
    """A side of a box, without zeros at the end."""
    return f"{value:.5f}".rstrip("0").rstrip(".").replace(".", ",") if crs.geografisch else f"{value:.0f}"


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
