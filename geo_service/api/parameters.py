"""Read the query of a request: known names only, every fault at once, in Dutch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from urllib.parse import parse_qsl

from fastapi import Request

from geo_service.domain.gebieden import NIVEAUS, is_gemeente_code
from geo_service.errors import InvalidParameters, ParameterFault
from geo_service.settings import get_settings

COMMON = frozenset({"gemeente", "bbox", "limit", "offset", "f"})
MAX_LENGTH = 200
# Where the Dutch grid is defined; clients ask for the whole world, and RD says nothing about it.
LON, LAT = (2.0, 8.5), (49.5, 54.5)


@dataclass(frozen=True)
class ItemsVraag:
    """The query of an items request. bbox: west, south, east, north in degrees (CRS84)."""

    gemeente: str | None = None
    bbox: list[float] | None = None
    limit: int = 1000
    offset: int = 0
    niveau: str = "buurt"
    gebied: str | None = None
    bron: str | None = None
    categorie: str = "alle"
    periode: str | None = None
    noemer: str | None = None
    peiljaar: int | None = None


def read_items_query(request: Request, own: frozenset[str]) -> ItemsVraag:
    """Parse and check the query string; InvalidParameters lists everything that is wrong."""
    faults: list[ParameterFault] = []
    values: dict[str, str] = {}
    for name, value in parse_qsl(request.url.query, keep_blank_values=True):
        if name not in COMMON | own:
            listed = ", ".join(sorted(COMMON | own))
            faults.append(ParameterFault(name[:60], f"deze parameter is hier onbekend. Bekend: {listed}."))
        elif name in values:
            faults.append(ParameterFault(name, "staat er meer dan één keer."))
        elif not value or len(value) > MAX_LENGTH or "\x00" in value:
            faults.append(
                ParameterFault(name, f"de waarde is leeg, te lang (meer dan {MAX_LENGTH} tekens) of onleesbaar.")
            )
        else:
            values[name] = value
    parsed = _parse(values, faults)
    if faults:
        raise InvalidParameters(*faults)
    return ItemsVraag(**parsed)  # type: ignore[arg-type]


def _parse(values: dict[str, str], faults: list[ParameterFault]) -> dict[str, object]:
    parsed: dict[str, object] = {
        name: values[name] for name in ("gebied", "bron", "categorie", "periode", "noemer") if name in values
    }
    maximum = get_settings().limiet_maximum
    parsed["limit"] = _integer(values, "limit", 1, maximum, get_settings().limiet_standaard, faults, cap=True)
    parsed["offset"] = _integer(values, "offset", 0, 10**9, 0, faults)
    if "peiljaar" in values:
        parsed["peiljaar"] = _integer(values, "peiljaar", 1900, 2200, 0, faults)
    if "gemeente" in values:
        parsed["gemeente"] = values["gemeente"]
        if not is_gemeente_code(values["gemeente"]):
            faults.append(ParameterFault("gemeente", "schrijf een gemeentecode zoals GM0153."))
    if "niveau" in values:
        parsed["niveau"] = values["niveau"]
        if values["niveau"] not in NIVEAUS:
            faults.append(ParameterFault("niveau", f"kies uit {', '.join(NIVEAUS)}."))
    if "bbox" in values:
        parsed["bbox"] = _bbox(values["bbox"], faults)
    if values.get("f", "json") not in ("json", "geojson"):
        faults.append(ParameterFault("f", "alleen json is beschikbaar."))
    return parsed


def _integer(  # noqa: PLR0913  (a bound number is name, bounds and default)
    values: dict[str, str],
    name: str,
    low: int,
    high: int,
    default: int,
    faults: list[ParameterFault],
    cap: bool = False,
) -> int:
    if name not in values:
        return min(default, high)
    text = values[name]
    if not (text.isascii() and text.isdigit()) or int(text) < low or (int(text) > high and not cap):
        faults.append(ParameterFault(name, f"schrijf een heel getal van {low} tot en met {high}."))
        return default
    return min(int(text), high)


def _bbox(text: str, faults: list[ParameterFault]) -> list[float] | None:
    reason = "schrijf west,zuid,oost,noord in graden, bijvoorbeeld 6.75,52.16,6.99,52.29."
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != 4 or not all(map(math.isfinite, numbers)):
        faults.append(ParameterFault("bbox", reason))
        return None
    west, south, east, north = numbers
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        faults.append(ParameterFault("bbox", f"west moet kleiner zijn dan oost en zuid kleiner dan noord; {reason}"))
        return None
    return [min(max(number, low), high) for number, (low, high) in zip(numbers, (LON, LAT, LON, LAT), strict=True)]
