"""The legend as text: classes, every status without a plain colour, and the symbols on the map."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from maps.beeld import Beeld, area_count
from maps.getallen import format_getal
from maps.hotspots import KLASSE_WOORD, Groep, make_groepen
from maps.model import KaartModel
from maps.sjabloon import fill
from maps.stijl import HOTSPOT, OMTREK, Omtrek, Vlak, vlak_van_status
from maps.teksten import STATUS_UITLEG, STATUS_WOORD
from maps.themas import make_beeld

SYMBOLEN = (
    ("wijkwijzers", "Wijkwijzer", "Inlooppunt voor vragen en hulp."),
    (
        "voorzieningen",
        "Voorziening",
        "Vrij toegankelijk. Een getal staat voor meer voorzieningen bij elkaar.",
    ),
)
KLASSEN = tuple(KLASSE_WOORD)


def render_legend(model: KaartModel, beeld: Beeld | None = None) -> Markup:
    """The legend, empty without areas; it needs the patterns in the map fragment's body on the same page."""
    beeld = beeld or make_beeld(model)
    if not beeld.cijfers:
        return Markup("")
    counts = {status: sum(c.status == status for c in beeld.cijfers) for status in beeld.statussen}
    return fill(
        "legenda.html",
        beeld=beeld,
        model=model,
        statussen=[_status_row(status, n, beeld, model) for status, n in counts.items()],
        hotspots=[_hotspot_row(groep) for groep in make_groepen(model) if groep.resultaten],
        symbolen=[
            {"slug": slug, "naam": naam, "uitleg": uitleg, "n": n, "n_tekst": format_getal(n)}
            for slug, naam, uitleg in SYMBOLEN
            if (n := len(getattr(model, slug)["features"]))
        ],
    )


def _hotspot_row(groep: Groep) -> dict[str, Any]:
    """A sample as on the map, and of a course what each symbol that occurs says."""
    found = {resultaat.klasse for resultaat in groep.resultaten}
    slug = groep.laag.slug
    return {
        "laag": groep.laag,
        "omtrek": OMTREK.get(slug, Omtrek(HOTSPOT, 3, "", "butt")),
        "teken": min(found, key=KLASSEN.index),
        "klassen": [(klasse, KLASSE_WOORD[klasse]) for klasse in KLASSEN if klasse in found and slug == "opkomend"],
        "n": len(groep.resultaten),
        "n_tekst": format_getal(len(groep.resultaten)),
    }


def _status_row(status: str, n: int, beeld: Beeld, model: KaartModel) -> dict[str, Any]:
    # The dotted sample shows a middle class; without classes no area is dotted and plain white does.
    patronen = beeld.patronen
    dotted = Vlak(f"url(#{patronen[(len(patronen) - 1) // 2].id})" if patronen else "#ffffff")
    woord = STATUS_WOORD[status]
    return {
        "status": status,
        "n": n,
        "vlak": dotted if status == "onbetrouwbaar" else vlak_van_status(status),
        "woord": woord[:1].upper() + woord[1:],
        "uitleg": STATUS_UITLEG[status],
        "n_tekst": area_count(n, model),
    }
