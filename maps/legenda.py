"""The legend as text: classes, every status without a plain colour, and the symbols on the map."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from maps.getallen import format_cijfer, format_getal
from maps.hotspots import KLASSE_WOORD, Groep, make_groepen
from maps.klassen import Klasse
from maps.model import KaartModel
from maps.sjabloon import fill
from maps.stijl import HOTSPOT, OMTREK, Omtrek, Vlak, indeling_van, patroon_id, vlak_van_status
from maps.teksten import STATUS_UITLEG, STATUS_WOORD, eenheid_text, make_cijfers

SYMBOLEN = (
    ("wijkwijzers", "Wijkwijzer", "Inlooppunt voor vragen en hulp."),
    (
        "voorzieningen",
        "Voorziening",
        "Vrij toegankelijk. Een getal staat voor meer voorzieningen bij elkaar.",
    ),
)
KLASSEN = tuple(KLASSE_WOORD)


def render_legend(model: KaartModel) -> Markup:
    """The legend, empty without areas; it needs the patterns in the map fragment's body on the same page."""
    cijfers = make_cijfers(model)
    if not cijfers:
        return Markup("")
    indeling = indeling_van(cijfers)
    title = eenheid_text(model)
    counts = {status: sum(c.status == status for c in cijfers) for status in STATUS_UITLEG}
    return fill(
        "legenda.html",
        titel=f"{model.geteld[1].capitalize()} {title}" if model.eenheid == "per_1000" else title.capitalize(),
        klassen=[_klasse_row(klasse, model) for klasse in indeling.klassen],
        statussen=[_status_row(status, n, len(indeling.klassen), model) for status, n in counts.items()],
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


def _klasse_row(klasse: Klasse, model: KaartModel) -> dict[str, Any]:
    low, high = (format_cijfer(value, model.eenheid) for value in (klasse.laag, klasse.hoog))
    return {
        "nummer": klasse.nummer,
        "laag": klasse.laag,
        "hoog": klasse.hoog,
        "n": klasse.n,
        "vlak": Vlak(klasse.kleur),
        "tekst": low if low == high else f"{low} tot en met {high}",
        "n_tekst": _area_count(klasse.n, model),
    }


def _status_row(status: str, n: int, n_klassen: int, model: KaartModel) -> dict[str, Any]:
    # The dotted sample shows a middle class; without classes no area is dotted and plain white does.
    dotted = Vlak(f"url(#{patroon_id((n_klassen + 1) // 2)})" if n_klassen else "#ffffff")
    woord = STATUS_WOORD[status]
    return {
        "status": status,
        "n": n,
        "vlak": dotted if status == "onbetrouwbaar" else vlak_van_status(status),
        "woord": woord[:1].upper() + woord[1:],
        "uitleg": STATUS_UITLEG[status],
        "n_tekst": _area_count(n, model),
    }


def _area_count(n: int, model: KaartModel) -> str:
    return f"{format_getal(n)} {model.niveau_enkelvoud if n == 1 else model.niveau_meervoud}"
