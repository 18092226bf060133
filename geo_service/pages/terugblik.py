"""``/interventies/{bron}/{sleutel}/terugblik``: did it work, or did it move? For who works there."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from geo_service.api.parameters import VRAAG, Parameter, one_of, read_query
from geo_service.domain.perioden import dag_naam
from geo_service.pages.rendering import ASSETS, page
from geo_service.release.lagen import MELDINGEN
from geo_service.release.terugblik import OMGEVINGEN, Terugblik, TerugblikVraag, terugblik
from geo_service.web import enter
from maps.assets import BASIS, style_links
from maps.figuren import Meting, Reeks, render_reeks
from maps.getallen import format_getal
from maps.terugblik import AANPAK, BUITEN, OMGEVING, ROLLEN, VERGELIJK, VERGELIJK_OMGEVING, Rolbuurt, render_rollenkaart

router = APIRouter()
STYLES = (*BASIS, "legenda.css", "gegevens.css", "figuren.css", "vergelijken.css", "terugblik.css")
LANGSTE_CODE = 20
PARAMETERS = (
    VRAAG["bron"],
    VRAAG["categorie"],
    Parameter("omgeving", "Wat als omgeving telt.", {"type": "string", "enum": list(OMGEVINGEN)}, one_of(OMGEVINGEN)),
    Parameter("vergelijk", "Buurten om mee te vergelijken.", {"type": "string"}, lengte=LANGSTE_CODE, vaak=True),
)
KOPPEN = {
    "afgenomen": "Afgenomen",
    "verplaatst": "Verplaatst",
    "uitgestraald": "Afgenomen, ook in de omgeving",
    "niet veranderd": "Niet veranderd",
    "niet vast te stellen": "Niet vast te stellen",
}
ARMEN = {
    "treated": (AANPAK, "Gebied met de aanpak"),
    "control": (VERGELIJK, "Vergelijking met de aanpak"),
    "displacement_treated": (OMGEVING, "Omgeving"),
    "displacement_control": (VERGELIJK_OMGEVING, "Vergelijking met de omgeving"),
}
# How far the chart looks back before the action, in years.
GRAFIEK_JAREN = 2
REDENEN = {
    "verborgen": "u mag niet al hun cijfers zien",
    "niet gedekt": "de bron dekt niet alle perioden",
    "trendbreuk": "de manier van registreren veranderde",
    "sprong": "zij veranderden zelf ineens veel meer of veel minder dan andere buurten",
}


@dataclass(frozen=True)
class Armrij:
    """One arm of the comparison. voor, na: counts as the API has them, of more years before their mean; verwacht,
    verschil: None for a comparison."""

    rol: str
    naam: str
    buurten: tuple[str, ...]
    voor: float
    na: int
    verwacht: float | None
    verschil: str


@router.get("/interventies/{bron}/{sleutel}/terugblik")
async def toon(request: Request, bron: str, sleutel: str) -> HTMLResponse:
    viewer, dienst = await enter(request)
    asked = read_query(request, PARAMETERS, formulier=True)
    found = await terugblik(dienst.database, viewer, TerugblikVraag((bron, sleutel), **asked), dienst.geheugen)
    uitkomst = found.uitkomst
    return page(
        "terugblik.html",
        pagina="interventies",
        viewer=viewer,
        stijl=style_links(ASSETS, STYLES),
        gemeente_naam=found.gemeente.naam,
        terugblik=found,
        aanpak=found.aanpak,
        kop=KOPPEN[uitkomst.kind],
        uitkomst=uitkomst,
        vensters=_vensters(found),
        armen=_armen(found),
        ringen=_ringen(found),
        kaart=_kaart(found),
        rollen=ROLLEN,
        redenen=REDENEN,
        figuur=_figuur(found),
        reeks=_reeks(found),
        keuzes=_keuzes(found),
        omgevingen=OMGEVINGEN,
        dag=dag_naam,
        getal=_getal,
        interval=_interval,
        breuken=_breuken(found),
        ontbreekt={
            "aanpak": found.ontbreekt(found.aanpak.buurten),
            "omgeving": found.ontbreekt(found.omgeving[found.vraag.omgeving]),
        },
    )


def _vensters(found: Terugblik) -> tuple[str, str] | None:
    """The periods before and after in words."""
    windows = found.uitkomst.windows
    if windows is None:
        return None

    def told(indices: tuple[int, ...]) -> str:
        perioden = [found.perioden[index] for index in indices]
        first, last = perioden[0], perioden[-1]
        gaps = "" if indices[-1] - indices[0] + 1 == len(indices) else f" ({len(indices)} perioden, niet alle)"
        return first.naam if first == last else f"{first.naam} t/m {last.naam}{gaps}"

    years = len(windows.earlier)
    same = "dezelfde perioden" + (" van het jaar" if years == 1 else f" van de {years} jaren")
    mean = f", en {same} daarvoor (gemiddeld)" if years else ""
    return told(windows.before) + mean, told(windows.after)


def _armen(found: Terugblik) -> list[Armrij]:
    result = found.uitkomst.wdd
    if result is None:
        return []
    order = ("control", "treated", "displacement_control", "displacement_treated")
    rows = {}
    for at, (before, after) in enumerate(result.counts):
        arm = order[at]
        rol, naam = ARMEN[arm]
        part = (result.local, result.displacement)[at // 2]
        judged = at % 2 == 1
        rows[arm] = Armrij(
            rol,
            naam,
            tuple(map(found.gemeente.gebied_naam, found.arm(arm))),
            before / found.uitkomst.windows.lengths[0] if found.uitkomst.windows else before,
            int(after),
            after - part.estimate if judged else None,
            _verschil(part.estimate, part.interval) if judged else "",
        )
    return [rows[arm] for arm in ARMEN if arm in rows]


def _ringen(found: Terugblik) -> list[dict[str, Any]]:
    return [
        {
            "naam": OMGEVINGEN[ring.name],
            "n": len(ring.areas),
            "voor": ring.before,
            "na": ring.after,
            "verwacht": ring.expected,
            "verschil": _verschil(ring.part.estimate, ring.part.interval),
            "gekozen": ring.name == found.vraag.omgeving,
        }
        for ring in found.uitkomst.rings
    ]


def _verschil(estimate: float, interval: tuple[float, float]) -> str:
    if math.isnan(estimate):
        return "niet te zeggen"
    return f"{_signed(estimate)} (tussen {_signed(interval[0])} en {_signed(interval[1])})"


def _signed(value: float) -> str:
    rounded = round(value)
    return f"{'+' if rounded > 0 else '−' if rounded < 0 else ''}{format_getal(abs(rounded), 0)}"


def _getal(value: float | None, decimalen: int = 0) -> str:
    return "–" if value is None or math.isnan(value) else format_getal(value, decimalen)


def _interval(bounds: tuple[float, float], decimalen: int = 0) -> str:
    return " tot ".join("onbegrensd" if math.isinf(value) else _getal(value, decimalen) for value in bounds)


def _rol(found: Terugblik) -> dict[str, str]:
    """What each buurt does, by code."""
    rollen = dict.fromkeys((found.codes[index] for index in found.uitkomst.left_out), BUITEN)
    for code in found.omgeving[found.vraag.omgeving]:
        rollen.setdefault(code, OMGEVING)
    for code in found.aanpak.buurten:
        rollen.setdefault(code, AANPAK)
    return rollen | {code: rol for arm, (rol, _) in ARMEN.items() for code in found.arm(arm)}


def _kaart(found: Terugblik) -> Markup:
    rollen = _rol(found)
    buurten = [Rolbuurt(row["code"], row["naam"], rollen.get(row["code"], ""), row["geometry"]) for row in found.vormen]
    return render_rollenkaart(buurten, f"Kaart bij {found.aanpak.naam}")


def _breuken(found: Terugblik) -> list[str]:
    """All trend breaks of the source, in words."""
    own = (row for row in found.gemeente.trendbreuken if row["bron"] == found.bron.naam)
    return [f"{dag_naam(row['datum'])}: {row['reden']}" for row in own]


def _reeks(found: Terugblik) -> list[dict[str, Any]]:
    """Per period what the action's buurten count, and what their comparison would let expect."""
    arms, result = found.uitkomst.arms, found.uitkomst.wdd
    treated = found.arm("treated") or found.aanpak.buurten
    control = found.arm("control")
    weight = result.weights[0][0] / result.weights[1][0] if result is not None and arms["control"] else math.nan
    since = found.aanpak.van.replace(year=found.aanpak.van.year - GRAFIEK_JAREN, day=1)
    rows = []
    for tabel in found.tabellen:
        if tabel.periode.van < since:
            continue
        compared = found.som(control, tabel)
        rows.append(
            {
                "periode": tabel.periode,
                "aantal": found.som(treated, tabel),
                "verwacht": None if compared is None or math.isnan(weight) else compared / weight,
                "breuk": "; ".join(_breaks_in(found, tabel.periode)),
            }
        )
    return rows


def _breaks_in(found: Terugblik, periode: Any) -> list[str]:
    return found.gemeente.breuken(found.bron.naam, found.aanpak.buurten, periode, found.aanpak.jaar)


def _figuur(found: Terugblik) -> Markup:
    rows = _reeks(found)
    begin = next((row["periode"].code for row in rows if row["periode"].van >= found.aanpak.van), None)
    if not rows:
        return Markup("")

    def meting(row: dict[str, Any], key: str) -> Meting:
        periode, value = row["periode"], row[key]
        status = "ontbreekt" if value is None else "ok"
        told = None if value is None else float(value)
        return Meting(periode.code, periode.naam, told, None, None, status, row["breuk"] if key == "aantal" else "")

    return render_reeks(
        Reeks(
            id="terugblik",
            titel=f"{found.categorie_naam} bij {found.aanpak.naam}",
            naam="gebied met de aanpak",
            metingen=tuple(meting(row, "aantal") for row in rows),
            eenheid="aantal",
            vergelijking=tuple(meting(row, "verwacht") for row in rows),
            vergelijking_naam="als het ging zoals in de vergelijking",
            begin=(begin, "begin van de aanpak") if begin else None,
        )
    )


def _keuzes(found: Terugblik) -> dict[str, list[tuple[str, str, bool]]]:
    gemeente = found.gemeente
    kandidaten = sorted(found.kandidaten, key=lambda code: gemeente.gebied_naam(code).casefold())
    return {
        "bron": [(naam, naam, naam == found.bron.naam) for naam in MELDINGEN.bronnen(gemeente)],
        "categorie": [(code, naam, code == found.categorie) for code, naam in found.categorieen.items()],
        "omgeving": [(code, naam, code == found.vraag.omgeving) for code, naam in OMGEVINGEN.items()],
        "vergelijk": [(code, gemeente.gebied_naam(code), code in found.gekozen) for code in kandidaten],
    }
