"""How the areas of one map look and read, whatever the theme: the same for map, legend, cards and table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from maps.getallen import format_getal
from maps.klassen import Indeling
from maps.model import KaartModel
from maps.stijl import Patroon, Vlak
from maps.teksten import Cijfer

ZONDER_KLEUR = ("onbetrouwbaar", "onderdrukt", "niet_gedekt", "ontbreekt")


@dataclass(frozen=True, slots=True)
class Klasseregel:
    """One line of the legend. laag, hoog: smallest and largest shown value inside, None where values have no order."""

    nummer: int
    vlak: Vlak
    tekst: str
    n: int
    n_tekst: str
    laag: float | None = None
    hoog: float | None = None


@dataclass(frozen=True, slots=True)
class Beeld:
    """klasse: the number of its class per area, "" without one. noot: what a reader must know about the classes.

    statussen: those without a plain colour that this theme has. extra: what else its legend or table needs.
    """

    cijfers: list[Cijfer]
    vlakken: Mapping[str, Vlak]
    patronen: list[Patroon]
    klasse: Mapping[str, str]
    titel: str
    regels: list[Klasseregel]
    noot: str = ""
    statussen: tuple[str, ...] = ZONDER_KLEUR
    indeling: Indeling = field(default_factory=lambda: Indeling((), ()))
    extra: Mapping[str, Any] = field(default_factory=dict)


def area_count(n: int, model: KaartModel) -> str:
    """As "12 buurten"."""
    return f"{format_getal(n)} {model.niveau_enkelvoud if n == 1 else model.niveau_meervoud}"
