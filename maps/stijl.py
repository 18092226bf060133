"""How a status and a class look: on the map, in the legend and in the SVG patterns both refer to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from maps.klassen import Indeling, make_indeling
from maps.teksten import Cijfer

LIJN = "#52616b"
LIJN_DONKER = "#1f2d36"
WIT = "#ffffff"
GRIJS = "#c3cad0"
HOTSPOT = "#a3004f"
ONDERDRUKT_PATROON = "bs-patroon-onderdrukt"
TEKEN_MAAT = 26
_BASIS = TEKEN_MAAT // 2


@dataclass(frozen=True, slots=True)
class Vlak:
    """Fill and edge. fill: colour or url(#pattern); dash: SVG dash array or ""; klassen: CSS classes."""

    fill: str
    lijn: str = LIJN
    breedte: float = 1.0
    dash: str = ""
    klassen: str = ""


@dataclass(frozen=True, slots=True)
class Patroon:
    """An SVG pattern: dots over a class colour."""

    id: str
    kleur: str
    stip: str


@dataclass(frozen=True, slots=True)
class Omtrek:
    """The edge of a result of whole buurten: told from others by its dashes, and dark on a white edge below it."""

    kleur: str
    breedte: int
    dash: str
    kap: str


OMTREK = {
    "hoog": Omtrek("#15252d", 5, "18 6", "butt"),
    "nieuw": Omtrek("#8f2d00", 4, "7 6", "butt"),
    "opkomend": Omtrek("#4b1f7a", 5, "0.1 9", "round"),
    "stil": Omtrek("#0b4654", 4, "15 8 0.1 8", "round"),
}

# The course of a buurt that is high, in a square of TEKEN_MAAT: the middle is the rest of the municipality.
_LIJN = {
    "nieuw": "4 13 15 13 22 6",
    "aanhoudend": "4 13 9 13 13 7 22 7",
    "stijgend": "4 11 22 5",
    "blijvend": "4 7 22 7",
    "dalend": "4 5 22 11",
    "wisselend": "4 13 8 7 12 13 15 13 18 7 22 7",
    "omgeslagen": "4 19 10 19 15 7 22 7",
    "voorheen": "4 7 12 7 16 13 22 13",
}
# What is low and falls lies below the middle, and mirrors what is high and rises.
_ANDERSOM = {"stijgend": "dalend", "dalend": "stijgend"}


def verloop_lijnen() -> dict[str, str]:
    """Points of the line in the symbol of each class of a course."""
    high = {f"{soort}-hoog": lijn for soort, lijn in _LIJN.items()}
    low = {f"{_ANDERSOM.get(soort, soort)}-laag": _mirror(lijn) for soort, lijn in _LIJN.items()}
    return high | low


def _mirror(lijn: str) -> str:
    numbers = [int(part) for part in lijn.split()]
    return " ".join(str(2 * _BASIS - n if i % 2 else n) for i, n in enumerate(numbers))


def indeling_van(cijfers: list[Cijfer]) -> Indeling:
    """Classes over what the map shows."""

    def values(status: str) -> list[float]:
        return [c.waarde for c in cijfers if c.status == status and c.waarde is not None]

    return make_indeling(values("ok"), values("onbetrouwbaar"))


def vlak_van(cijfer: Cijfer, indeling: Indeling) -> Vlak:
    """The look of one area."""
    if cijfer.waarde is None:
        return vlak_van_status(cijfer.status)
    klasse = indeling.klasse_van(cijfer.waarde)
    fill = klasse.kleur if cijfer.status == "ok" else f"url(#{patroon_id(klasse.nummer)})"
    return Vlak(fill, klassen=f"bs-gebied bs-status-{cijfer.status} bs-klasse-{klasse.nummer}")


def vlak_van_status(status: str) -> Vlak:
    """The look of an area without a value. Raises KeyError for a status that has one."""
    fill, lijn, breedte, dash = {
        "onderdrukt": (f"url(#{ONDERDRUKT_PATROON})", LIJN, 1.0, ""),
        "niet_gedekt": (WIT, LIJN_DONKER, 1.8, "6 5"),
        "ontbreekt": (GRIJS, LIJN, 1.0, ""),
    }[status]
    return Vlak(fill, lijn, breedte, dash, f"bs-gebied bs-status-{status}")


def patroon_id(nummer: int) -> str:
    return f"bs-patroon-onbetrouwbaar-{nummer}"


def patronen_van(indeling: Indeling) -> list[Patroon]:
    """A dotted variant of every class; dark dots on light classes, white dots on dark ones."""
    return patronen_voor({klasse.nummer: klasse.kleur for klasse in indeling.klassen})


def patronen_voor(kleuren: Mapping[int, str]) -> list[Patroon]:
    """The dotted variant of each numbered colour."""
    return [Patroon(patroon_id(n), kleur, WIT if _is_dark(kleur) else LIJN_DONKER) for n, kleur in kleuren.items()]


def _is_dark(kleur: str) -> bool:
    red, green, blue = (int(kleur[i : i + 2], 16) for i in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue < 128
