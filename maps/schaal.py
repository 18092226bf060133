"""Areas coloured by one figure from low to high: reports, visits, or a feature of the dwellings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from maps.beeld import ZONDER_KLEUR, Beeld, Klasseregel, area_count
from maps.getallen import format_cijfer, format_kenmerk, round_getal
from maps.klassen import Indeling, Klasse, make_vaste_indeling
from maps.model import KaartModel
from maps.stijl import Vlak, indeling_van, patronen_van, vlak_van
from maps.teksten import GEEN, STATUS_WOORD, Cijfer, eenheid_text, in_order, make_cijfers, text_of

GELIJK = "Gelijke groepen, alleen voor deze {wat}. Vergelijk de kleuren niet met een andere {wat}."
VAST = "Vaste klassen: voor {elk} dezelfde. Zo kunt u kleuren door de tijd vergelijken."


def telling_beeld(model: KaartModel) -> Beeld:
    """Counts of a source, per 1 000 when there is something to compare with."""
    title = eenheid_text(model)
    titel = f"{model.geteld[1].capitalize()} {title}" if model.eenheid == "per_1000" else title.capitalize()
    noot = VAST.format(elk=model.vast.elk) if model.vast else GELIJK.format(wat="periode")
    return _beeld(model, make_cijfers(model), titel, noot)


def wonen_beeld(model: KaartModel) -> Beeld:
    """A feature of the dwellings, with its own year and source."""
    cijfers = in_order(_make_wonen(feature, model) for feature in model.gebieden["features"])
    assert model.kenmerk is not None  # noqa: S101 the model refuses to be made without
    return _beeld(model, cijfers, model.kenmerk.naam, GELIJK.format(wat="kaart"), ("ontbreekt",))


def _beeld(
    model: KaartModel, cijfers: list[Cijfer], titel: str, noot: str, statussen: tuple[str, ...] = ZONDER_KLEUR
) -> Beeld:
    values = [c.waarde for c in cijfers if c.waarde is not None]
    indeling = make_vaste_indeling(model.vast.grenzen, values) if model.vast and values else indeling_van(cijfers)
    klasse = {c.code: "" if c.waarde is None else str(indeling.klasse_van(c.waarde).nummer) for c in cijfers}
    return Beeld(
        cijfers,
        {c.code: vlak_van(c, indeling) for c in cijfers},
        patronen_van(indeling),
        klasse,
        titel,
        [_regel(k, indeling, model) for k in indeling.klassen],
        noot if len(indeling.klassen) > 1 else "",
        indeling=indeling,
        statussen=statussen,
    )


def _regel(klasse: Klasse, indeling: Indeling, model: KaartModel) -> Klasseregel:
    text = _fixed_text(klasse, indeling, model) if model.vast else _range_text(klasse, model)
    n_tekst = area_count(klasse.n, model)
    return Klasseregel(klasse.nummer, Vlak(klasse.kleur), text, klasse.n, n_tekst, klasse.laag, klasse.hoog)


def _format(value: float, model: KaartModel) -> str:
    if model.kenmerk is not None:
        return format_kenmerk(value, model.kenmerk.eenheid)
    return format_cijfer(value, model.eenheid)


def _range_text(klasse: Klasse, model: KaartModel) -> str:
    low, high = (_format(value, model) for value in (klasse.laag, klasse.hoog))
    return low if low == high else f"{low} tot en met {high}"


def _fixed_text(klasse: Klasse, indeling: Indeling, model: KaartModel) -> str:
    """What belongs to the class, whether or not anything does now."""
    bounds = [_break_text(bound, model) for bound in indeling.grenzen]
    if not bounds:
        return _range_text(klasse, model)
    if klasse.nummer == 1:
        return f"{bounds[0]} of minder"
    above = f"meer dan {bounds[klasse.nummer - 2]}"
    return above if klasse.nummer > len(bounds) else f"{above} t/m {bounds[klasse.nummer - 1]}"


def _break_text(bound: float, model: KaartModel) -> str:
    """A round number without the decimals that it does not need."""
    return f"{bound:,.0f}".replace(",", ".") if bound == round(bound) else _format(bound, model)


def _make_wonen(feature: Mapping[str, Any], model: KaartModel) -> Cijfer:
    ruw = feature["properties"]
    kenmerk, value = model.kenmerk, ruw.get("waarde")
    assert kenmerk is not None  # noqa: S101 the model refuses to be made without
    shown = None if value is None else round_getal(value, 0)
    text = STATUS_WOORD[ruw["status"]] if shown is None else format_kenmerk(shown, kenmerk.eenheid)
    return Cijfer(
        code=ruw["gebied_code"],
        naam=ruw["gebied_naam"],
        status=ruw["status"],
        waarde=shown,
        ruw=dict(ruw),
        tekst=text,
        aantal=GEEN,
        per_1000=GEEN,
        interval=GEEN,
        dekking="",
        trendbreuk="",
        herkomst=text_of(ruw.get("herkomst")),
        getekend=bool(feature.get("geometry")),
        meer={"waarde": GEEN if shown is None else text, "jaar": text_of(ruw.get("jaar")) or GEEN},
    )
