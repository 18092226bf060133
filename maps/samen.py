"""Reports beside need: two figures in one colour, three classes each. Neither is the cause of the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from maps.beeld import Beeld, Klasseregel, area_count
from maps.getallen import format_kenmerk, round_getal
from maps.model import KaartModel, Kenmerk
from maps.stijl import Patroon, Vlak, patronen_voor, patroon_id, vlak_van_status
from maps.teksten import GEEN, Cijfer, eenheid_text, in_order, make_cijfer, text_of

NIVEAUS = 3
WOORDEN = ("weinig", "gemiddeld", "veel")
# Light grey to blue as need grows, to gold as reports grow, dark where both are high: told apart with every common
# colour-vision deficiency. Rows: reports from few to many; columns: need from little to much.
PALET = (
    ("#f4f4f4", "#a4aee0", "#5a6fd0"),
    ("#eace89", "#9e937e", "#565e75"),
    ("#d6930f", "#90690e", "#4f430d"),
)


def samen_beeld(model: KaartModel) -> Beeld:
    """Classes of equal size over the areas of this map; an area with one of the two hidden or unknown has none."""
    kenmerk = _kenmerk(model)
    cijfers = in_order(_make(feature, model, kenmerk) for feature in model.gebieden["features"])
    both = [c for c in cijfers if c.waarde is not None]
    reports, need = ([] if not both else [_value(c, name) for c in both] for name in ("meldingen", "nood"))
    bounds = {"meldingen": derde_grenzen(reports), "nood": derde_grenzen(need)}
    cijfers = [_with_classes(c, bounds, kenmerk, model.geteld[1]) for c in cijfers]
    klasse = {c.code: c.meer["klasse"] for c in cijfers}
    kleuren = {str(_nummer(row, column)): PALET[row][column] for row in range(NIVEAUS) for column in range(NIVEAUS)}
    counts = {nummer: sum(found == nummer for found in klasse.values()) for nummer in kleuren}
    return Beeld(
        cijfers,
        {c.code: _vlak(c, klasse[c.code], kleuren) for c in cijfers},
        _patronen(kleuren),
        klasse,
        f"{model.geteld[1].capitalize()} naast wat wij verwachten",
        [],
        "Drie gelijke groepen per kant, alleen voor deze kaart. De kleur zegt niets over oorzaak of schuld.",
        extra={"vierkant": _square(model, kenmerk, kleuren, counts), "grenzen": bounds},
    )


def derde_grenzen(values: Sequence[float]) -> tuple[float, ...]:
    """Two upper bounds that part values in three about equal groups; fewer when too many of them are equal."""
    if not values:
        return ()
    found = np.asarray(values, dtype=float)
    bounds = np.unique(np.quantile(found, [1 / 3, 2 / 3], method="inverted_cdf"))
    return tuple(float(bound) for bound in bounds[bounds < found.max()])


def derde(value: float, bounds: Sequence[float]) -> int:
    """0, 1 or 2. With one bound there is no middle; without any everything is the middle."""
    place = int(np.searchsorted(bounds, value, side="left"))
    return (1, 2 * place, place)[len(bounds)]


def _kenmerk(model: KaartModel) -> Kenmerk:
    if model.kenmerk is None:
        raise ValueError("deze kaart vraagt een teken van behoefte")
    return model.kenmerk


def _value(cijfer: Cijfer, name: str) -> float:
    return float(cijfer.waarde or 0) if name == "meldingen" else float(cijfer.ruw["nood"])


def _make(feature: Mapping[str, Any], model: KaartModel, kenmerk: Kenmerk) -> Cijfer:
    cijfer = make_cijfer(feature, model)
    need = cijfer.ruw.get("waarde")
    shown = None if need is None else round_getal(need, 0)
    # A low value may be the sign of need: turned round, a high number says more need everywhere.
    turned = None if shown is None else (-shown if kenmerk.nood_laag else shown)
    missing = turned is None and cijfer.waarde is not None
    return replace(
        cijfer,
        status="ontbreekt" if missing else cijfer.status,
        waarde=None if missing else cijfer.waarde,
        ruw=dict(cijfer.ruw) | {"nood": turned},
        meer={
            "nood": GEEN if shown is None else format_kenmerk(shown, kenmerk.eenheid),
            "jaar": text_of(cijfer.ruw.get("jaar")) or GEEN,
            "meldingen": cijfer.tekst,
        },
    )


def _with_classes(cijfer: Cijfer, bounds: Mapping[str, Sequence[float]], kenmerk: Kenmerk, geteld: str) -> Cijfer:
    if cijfer.waarde is None:
        empty = {"klasse": "", "klasse_meldingen": GEEN, "klasse_nood": GEEN, "zin": ""}
        why = f"{cijfer.status_woord}: {kenmerk.naam} onbekend" if cijfer.meer["nood"] == GEEN else cijfer.status_woord
        return replace(cijfer, tekst=why, meer=dict(cijfer.meer) | empty)
    row = derde(_value(cijfer, "meldingen"), bounds["meldingen"])
    column = derde(_value(cijfer, "nood"), bounds["nood"])
    words = {"klasse_meldingen": f"{WOORDEN[row]} {geteld}", "klasse_nood": f"{WOORDEN[column]} verwacht"}
    text = f"{words['klasse_meldingen']}, {words['klasse_nood']}"
    shaky = " (onbetrouwbaar)" if cijfer.status == "onbetrouwbaar" else ""
    more = {"klasse": str(_nummer(row, column)), "zin": zin(row, column)} | words
    return replace(cijfer, tekst=text + shaky, meer=dict(cijfer.meer) | more)


def zin(row: int, column: int) -> str:
    """What a reader may make of a class, as a start of a conversation; it says nothing about who lives there."""
    if row == 0 and column == 2:
        return "Er komt weinig binnen, terwijl wij hier meer verwachten. Misschien melden mensen niet. Vraag het na."
    if row == 2 and column == 0:
        return "Er komt veel binnen, terwijl wij hier minder verwachten. Misschien weet men de weg goed te vinden."
    if row == 2 and column == 2:
        return "Er komt veel binnen, zoals wij hier verwachten."
    if row == 0 and column == 0:
        return "Er komt weinig binnen, zoals wij hier verwachten."
    return "Er is hier geen groot verschil tussen wat binnenkomt en wat wij verwachten."


def _nummer(row: int, column: int) -> int:
    return row * NIVEAUS + column + 1


def _vlak(cijfer: Cijfer, klasse: str, kleuren: Mapping[str, str]) -> Vlak:
    if not klasse:
        return vlak_van_status(cijfer.status)
    fill = kleuren[klasse] if cijfer.status == "ok" else f"url(#{patroon_id(int(klasse))})"
    return Vlak(fill, klassen=f"bs-gebied bs-status-{cijfer.status} bs-klasse-{klasse}")


def _patronen(kleuren: Mapping[str, str]) -> list[Patroon]:
    return patronen_voor({int(nummer): kleur for nummer, kleur in kleuren.items()})


def _square(
    model: KaartModel, kenmerk: Kenmerk, kleuren: Mapping[str, str], counts: Mapping[str, int]
) -> dict[str, Any]:
    """Rows from many reports to few, as on paper: up is more."""
    rows = []
    for row in reversed(range(NIVEAUS)):
        cells = []
        for column in range(NIVEAUS):
            nummer = str(_nummer(row, column))
            text = f"{WOORDEN[row]} {model.geteld[1]}, {WOORDEN[column]} verwacht"
            n, kleur = counts[nummer], kleuren[nummer]
            cells.append(Klasseregel(int(nummer), Vlak(kleur), text, n, area_count(n, model)))
        rows.append({"woord": WOORDEN[row], "vakken": cells})
    about = f"{kenmerk.naam[:1].lower()}{kenmerk.naam[1:]}"
    if kenmerk.nood_laag:
        about += " (hoe lager, hoe meer wij verwachten)"
    reports = f"{model.geteld[1]} {eenheid_text(model)}" if model.eenheid == "per_1000" else eenheid_text(model)
    return {"rijen": rows, "kolommen": WOORDEN, "geteld": model.geteld[1], "meldingen": reports, "nood": about}
