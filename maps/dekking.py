"""Where a source counts in a period: wholly, partly or not. Colour says nothing about how much was counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from maps.beeld import Beeld, Klasseregel, area_count
from maps.getallen import format_procent
from maps.model import KaartModel
from maps.stijl import LIJN_DONKER, Patroon, Vlak, vlak_van_status
from maps.teksten import GEEN, Cijfer, in_order, text_of

GEDEKT, DEELS = 2, 1
KLEUR = "#7fb3d8"
DEELS_KLEUR = "#dcebf6"
DEELS_PATROON = "bs-patroon-deels-gedekt"
WOORD = {GEDEKT: "gedekt", DEELS: "deels gedekt"}
NIET = "niet gedekt"


def dekking_beeld(model: KaartModel) -> Beeld:
    cijfers = in_order(_make(feature, model) for feature in model.gebieden["features"])
    klasse = {c.code: _klasse(c) for c in cijfers}
    counts = {nummer: sum(found == str(nummer) for found in klasse.values()) for nummer in (GEDEKT, DEELS)}
    regels = [
        Klasseregel(GEDEKT, Vlak(KLEUR), "Gedekt: de bron telt de hele periode", counts[GEDEKT], ""),
        Klasseregel(DEELS, Vlak(f"url(#{DEELS_PATROON})"), "Deels gedekt: een deel telt mee", counts[DEELS], ""),
    ]
    regels = [Klasseregel(r.nummer, r.vlak, r.tekst, r.n, area_count(r.n, model)) for r in regels]
    patronen = [Patroon(DEELS_PATROON, DEELS_KLEUR, LIJN_DONKER)]
    vlakken = {c.code: _vlak(klasse[c.code]) for c in cijfers}
    titel = f"Waar telt {model.bron}?"
    return Beeld(cijfers, vlakken, patronen, klasse, titel, regels, statussen=("niet_gedekt",))


def _klasse(cijfer: Cijfer) -> str:
    if not cijfer.waarde:
        return ""
    return str(GEDEKT if cijfer.waarde >= 1 else DEELS)


def _vlak(klasse: str) -> Vlak:
    if not klasse:
        return vlak_van_status("niet_gedekt")
    fill = KLEUR if klasse == str(GEDEKT) else f"url(#{DEELS_PATROON})"
    return Vlak(fill, klassen=f"bs-gebied bs-status-ok bs-klasse-{klasse}")


def _make(feature: Mapping[str, Any], model: KaartModel) -> Cijfer:
    ruw = feature["properties"]
    share = float(ruw["dekking"])
    part = format_procent(share) if 0 < share < 1 else ("100%" if share else "0%")
    text = WOORD[GEDEKT] if share >= 1 else f"{WOORD[DEELS]} ({part})" if share else NIET
    known = ruw["status"] not in ("ontbreekt", "niet_gedekt")
    return Cijfer(
        code=ruw["gebied_code"],
        naam=ruw["gebied_naam"],
        status="ok" if share else "niet_gedekt",
        waarde=share,
        ruw=dict(ruw),
        tekst=text,
        aantal=GEEN,
        per_1000=GEEN,
        interval=GEEN,
        dekking="" if known or not share else f"Voor deze periode is per {model.niveau_enkelvoud} geen cijfer",
        trendbreuk=text_of(ruw.get("trendbreuk")),
        herkomst=text_of(ruw.get("herkomst")),
        getekend=bool(feature.get("geometry")),
        meer={"deel": part, "woord": WOORD[GEDEKT] if share >= 1 else WOORD[DEELS] if share else NIET},
    )
