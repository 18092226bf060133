"""Query parameters: declared once for reading, for refusing and for the OpenAPI document."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request

from geo_service.domain.crs import LAT, LON, SYSTEMS, Box, Crs, find_crs
from geo_service.domain.gebieden import NIVEAUS, is_gemeente_code
from geo_service.domain.hotspots import METHODEN
from geo_service.domain.velden import Soort, Veld
from geo_service.errors import InvalidParameters, ParameterFault
from geo_service.release.noemers import INDICATOREN
from geo_service.release.selectie import Moment
from geo_service.vraagregel import Pairs, query_pairs

MAX_LENGTH = 200
# An address of more than 65 535 bytes is no request to the server; percent signs triple a filter at worst.
MAX_FILTER = 20_000
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
BIGGEST = 2**53


@dataclass(frozen=True)
class Parameter:
    """One query parameter. lees: turns the text into a value or raises ValueError with a Dutch reason.

    vaak: it may stand there more than once; its value is a tuple.
    """

    naam: str
    tekst: str
    schema: dict[str, Any]
    lees: Callable[[str], Any] = str
    lengte: int = MAX_LENGTH
    vaak: bool = False


def read_query(request: Request, known: Iterable[Parameter], *, formulier: bool = False) -> dict[str, Any]:
    """Values by name. InvalidParameters lists everything that is wrong: unknown, double, empty and unreadable.

    formulier: what is empty was not filled in, and not asked.
    """
    return read_pairs(query_pairs(request), known, formulier=formulier)


def read_pairs(pairs: Pairs, known: Iterable[Parameter], *, formulier: bool = False) -> dict[str, Any]:
    """As ``read_query``, of names and values."""
    parameters = {parameter.naam: parameter for parameter in known}
    faults: list[ParameterFault] = []
    values: dict[str, Any] = {}
    for naam, text in pairs:
        if formulier and not text:
            continue
        if naam not in parameters:
            listed = ", ".join(sorted(parameters)) or "geen"
            faults.append(ParameterFault(naam[:60], f"deze parameter is hier onbekend. Bekend: {listed}."))
        elif parameters[naam].vaak:
            values[naam] = (*values.get(naam, ()), _read(parameters[naam], text, faults))
        elif naam in values:
            faults.append(ParameterFault(naam, "staat er meer dan één keer."))
        else:
            values[naam] = _read(parameters[naam], text, faults)
    if faults:
        raise InvalidParameters(*faults)
    return values


def _read(parameter: Parameter, text: str, faults: list[ParameterFault]) -> Any:
    if not text or len(text) > parameter.lengte or "\x00" in text:
        reason = f"de waarde is leeg, te lang (meer dan {parameter.lengte} tekens) of onleesbaar."
        faults.append(ParameterFault(parameter.naam, reason))
        return None
    try:
        return parameter.lees(text)
    except ValueError as error:
        faults.append(ParameterFault(parameter.naam, str(error)))
        return None


def integer(low: int, high: int, *, cap: bool = False) -> Callable[[str], int]:
    """Whole numbers between bounds. cap: a larger number is lowered instead of refused."""

    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit()) or int(text) < low or (int(text) > high and not cap):
            raise ValueError(f"schrijf een heel getal van {low} tot en met {high}.")
        return min(int(text), high)

    return read


def one_of(values: Iterable[str]) -> Callable[[str], str]:
    known = tuple(values)

    def read(text: str) -> str:
        if text not in known:
            raise ValueError(f"kies uit {', '.join(known)}.")
        return text

    return read


def boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("schrijf true of false.")
    return text == "true"


def gemeente_code(text: str) -> str:
    if not is_gemeente_code(text):
        raise ValueError("schrijf een gemeentecode zoals GM0153.")
    return text


def crs(text: str) -> Crs:
    found = find_crs(text)
    if found is None:
        raise ValueError(f"dit coördinatenstelsel is er niet. Kies uit {', '.join(system.uri for system in SYSTEMS)}.")
    return found


def numbers(text: str) -> tuple[float, ...]:
    """The four numbers of a box (or six, of which the heights are dropped), as written."""
    reason = "schrijf vier getallen: west,zuid,oost,noord in graden, bijvoorbeeld 6.75,52.16,6.99,52.29."
    try:
        found = tuple(float(part) for part in text.split(",") if not re.search(r"[_\s]", part) or _refuse(reason))
    except ValueError:
        raise ValueError(reason) from None
    if len(found) not in (4, 6) or not all(map(math.isfinite, found)):
        raise ValueError(reason)
    return found if len(found) == 4 else (*found[:2], *found[3:5])


def _refuse(reason: str) -> bool:
    raise ValueError(reason)


def make_box(found: tuple[float, ...], system: Crs) -> Box:
    """The box in x,y order, whatever order its system has; ValueError with a Dutch reason."""
    first_x, first_y, last_x, last_y = found
    if system.omgekeerd:
        first_x, first_y, last_x, last_y = first_y, first_x, last_y, last_x
    if system.geografisch:
        _check_degrees(first_x, first_y, last_x, last_y)
    elif max(map(abs, found)) > 3e7:
        raise ValueError(f"deze getallen liggen buiten {system.naam}.")
    if first_x > last_x and system.geografisch:
        raise ValueError(
            "west moet kleiner zijn dan oost; een vak over de datumgrens (180 graden) kan niet, want er zijn alleen "
            "gegevens van Nederland."
        )
    if first_x >= last_x or first_y >= last_y:
        raise ValueError("west moet kleiner zijn dan oost en zuid kleiner dan noord.")
    return Box(first_x, first_y, last_x, last_y, system)


def _check_degrees(west: float, south: float, east: float, north: float) -> None:
    if max(abs(west), abs(east)) > 180 or max(abs(south), abs(north)) > 90:
        raise ValueError("dit zijn geen graden. Voor RD-coördinaten hoort bbox-crs=EPSG:28992 erbij.")
    swapped = LON[0] <= south < north <= LON[1] and LAT[0] <= west < east <= LAT[1]
    if swapped:
        raise ValueError("de assen lijken verwisseld: in dit stelsel komt de andere coördinaat eerst.")


def moment(text: str) -> Moment:
    """A moment, a day or a span ``van/tot``; ``..`` or nothing is an open end. Days are Dutch days."""
    parts = text.split("/")
    if len(parts) == 1:
        van, tot = _instant(text)
        return Moment(van, tot)
    if len(parts) != 2 or all(part in ("", "..") for part in parts):
        raise ValueError("schrijf een moment of een periode zoals 2024-01-01/2024-03-31 of 2024-01-01/.. .")
    start = None if parts[0] in ("", "..") else _instant(parts[0])[0]
    end = None if parts[1] in ("", "..") else _instant(parts[1])[1]
    if start is not None and end is not None and start > end:
        raise ValueError("het begin ligt na het einde.")
    return Moment(start, end)


def _instant(text: str) -> tuple[datetime, datetime]:
    try:
        # GDAL writes a day with an empty time behind it.
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}T?", text, re.ASCII):
            day = date.fromisoformat(text[:10])
            start = datetime.combine(day, time(), AMSTERDAM)
            return start, datetime.combine(day, time.max, AMSTERDAM)
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})", text, re.ASCII):
            raise ValueError
        found = datetime.fromisoformat(text)
        # Near the first and last year a shift to another zone leaves the calendar.
        found.astimezone(AMSTERDAM) + timedelta(days=1)
        return found, found
    except (ValueError, OverflowError):
        raise ValueError("schrijf een datum zoals 2024-05-17 of een moment zoals 2024-05-17T09:30:00Z.") from None


def value_of(veld: Veld) -> Callable[[str], Any]:
    """Reads a value of a field, for filters such as ``status=gemeld``."""
    readers: dict[Soort, Callable[[str], Any]] = {
        Soort.TEKST: one_of(veld.waarden) if veld.waarden else str,
        Soort.GEHEEL: _whole,
        Soort.GETAL: _number,
        Soort.JANEE: boolean,
        Soort.DAG: _day,
        Soort.MOMENT: lambda text: _instant(text)[0],
    }
    return readers[veld.soort]


def _whole(text: str) -> int:
    if not re.fullmatch(r"-?\d{1,16}", text, re.ASCII) or abs(int(text)) > BIGGEST:
        raise ValueError("schrijf een heel getal.")
    return int(text)


def _number(text: str) -> float:
    # As our own answers write them, so with 17 digits that count, or as 5e-05.
    number = re.fullmatch(r"-?\d{1,17}(\.\d{1,24})?([eE][+-]?\d{1,3})?", text, re.ASCII)
    if not number or not math.isfinite(float(text)):
        raise ValueError("schrijf een getal, met een punt voor de decimalen.")
    return float(text)


def _day(text: str) -> date:
    reason = "schrijf een datum zoals 2024-05-17."
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        raise ValueError(reason)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(reason) from None


def names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(","))


def sort_keys(text: str) -> tuple[tuple[str, bool], ...]:
    """``naam,-aantal`` as (field, descending)."""
    keys = tuple((part.strip().lstrip("+-"), part.strip().startswith("-")) for part in text.split(","))
    if len({naam for naam, _ in keys}) < len(keys):
        raise ValueError("een veld staat er meer dan één keer.")
    return keys


def field_names(
    velden: Iterable[Veld], parse: Callable[[str], Any], pick: Callable[[Any], str] = str
) -> Callable[[str], Any]:
    """A reader of lists of fields that refuses names the collection does not have."""
    known = [veld.naam for veld in velden]

    def read(text: str) -> Any:
        found = parse(text)
        unknown = [pick(item) for item in found if pick(item) not in known]
        if unknown:
            raise ValueError(f"{unknown[0][:60]!r} is geen veld van deze collectie. Kies uit {', '.join(known)}.")
        return found

    return read


CRS_URIS = [system.uri for system in SYSTEMS]
CRS_SCHEMA = {"type": "string", "format": "uri", "enum": CRS_URIS}
FORMAAT = "f"
GEMEENTE = Parameter(
    "gemeente", "Gemeentecode, bijvoorbeeld GM0153.",
    {"type": "string", "pattern": r"^GM\d{4}$", "examples": ["GM0153"]}, gemeente_code,
)  # fmt: skip
BBOX = Parameter(
    "bbox", "Vak: west, zuid, oost, noord, in graden of in het stelsel van bbox-crs.",
    {
        "type": "array", "items": {"type": "number"}, "examples": [[6.75, 52.16, 6.99, 52.29]],
        "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
    },
    numbers,
)  # fmt: skip
BBOX_CRS = Parameter("bbox-crs", "Coördinatenstelsel van bbox.", CRS_SCHEMA, crs)
CRS = Parameter("crs", "Coördinatenstelsel van het antwoord.", CRS_SCHEMA, crs)
DATETIME = Parameter(
    "datetime",
    "Moment, dag of periode: 2024-05-17, 2024-01-01/2024-03-31, 2024-01-01/.. .",
    {"type": "string", "examples": ["2024-01-01/2024-03-31"]},
    moment,
)
OFFSET = Parameter(
    "offset", "Aantal objecten om over te slaan; de cursor in de koppeling naar de volgende pagina is beter.",
    {"type": "integer", "minimum": 0, "default": 0}, integer(0, 10**9),
)  # fmt: skip
CURSOR = Parameter("cursor", "Plek in de lijst, uit de koppeling next of prev.", {"type": "string"}, str, 4000)
COUNT = Parameter("count", "false laat numberMatched weg.", {"type": "boolean", "default": True}, boolean)
FILTER = Parameter("filter", "Voorwaarde in CQL2.", {"type": "string"}, str, MAX_FILTER)
FILTER_LANG = Parameter(
    "filter-lang", "Schrijfwijze van filter.", {"type": "string", "enum": ["cql2-text", "cql2-json"]},
    one_of(("cql2-text", "cql2-json")),
)  # fmt: skip
FILTER_CRS = Parameter("filter-crs", "Coördinatenstelsel van geometrie in filter.", CRS_SCHEMA, crs)

VRAAG: Mapping[str, Parameter] = {
    parameter.naam: parameter
    for parameter in (
        Parameter("niveau", "Soort gebied.", {"type": "string", "enum": list(NIVEAUS)}, one_of(NIVEAUS)),
        Parameter("gebied", "Code van één gebied.", {"type": "string"}),
        Parameter("bron", "Naam van de bron.", {"type": "string"}),
        Parameter(
            "methode", "Hoe hotspots zijn gezocht. Standaard alle.", {"type": "string", "enum": list(METHODEN)},
            one_of(METHODEN),
        ),
        Parameter("categorie", "Categorie (hoofd of sub), of alle.", {"type": "string"}),
        Parameter(
            "periode",
            "2024-Q3 of 2024; met een eigen gebied ook 2024-05, 2024-W07, 2024-05-17 of 2024-05-01/2024-05-17.",
            {"type": "string"},
        ),
        Parameter(
            "noemer", "Waarop per 1.000 slaat.", {"type": "string", "enum": list(INDICATOREN)}
        ),
        Parameter(
            "peiljaar", "Jaar van de gebiedsindeling.", {"type": "integer", "minimum": 1900, "maximum": 2200},
            integer(1900, 2200),
        ),
    )
}  # fmt: skip


def limit_parameter(standaard: int, maximum: int) -> Parameter:
    schema = {"type": "integer", "minimum": 1, "default": min(standaard, maximum)}
    return Parameter("limit", f"Aantal objecten, ten hoogste {maximum}.", schema, integer(1, maximum, cap=True))


def format_parameter(formats: Iterable[str]) -> Parameter:
    listed = list(formats)
    return Parameter("f", "Formaat.", {"type": "string", "enum": listed}, one_of(listed))
