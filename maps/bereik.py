"""The share of dwellings that can walk to a place, per buurt, with the places and where a new one would help."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from maps.assets import style_links
from maps.folium_kaart import geojson_layer, layer_control, make_map
from maps.geometrie import bounds_of
from maps.kaart import Fragment, render_tekening
from maps.klassen import make_vaste_indeling
from maps.lagen import Puntsoort, Tekening, Vorm, add_points, collect, path_style
from maps.model import BaseMap, FeatureCollection
from maps.sjabloon import fill
from maps.stijl import Vlak, vlak_van_status

GRENZEN = (20.0, 40.0, 60.0, 80.0)
WOORDEN = (
    "tot en met 20%",
    "meer dan 20 tot en met 40%",
    "meer dan 40 tot en met 60%",
    "meer dan 60 tot en met 80%",
    "meer dan 80%",
)


@dataclass(frozen=True)
class Bereikgebied:
    """One buurt. waarde: percents of its dwellings within reach, None where dwellings are not known.

    regels: what its card tells, as (label, text).
    """

    code: str
    naam: str
    geometry: Mapping[str, Any] | None
    waarde: float | None
    tekst: str
    regels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Bereikpunt:
    """A place on the map. soort: a key of SOORTEN; keuze: (field of the form, value) that its card offers, or None."""

    soort: str
    naam: str
    lonlat: tuple[float, float]
    regels: tuple[tuple[str, str], ...] = ()
    keuze: tuple[str, str] | None = None


@dataclass(frozen=True)
class Bereikkaart:
    """The map of one question. gebieden: by name."""

    titel: str
    omschrijving: str
    gebieden: tuple[Bereikgebied, ...]
    punten: tuple[Bereikpunt, ...]
    base_map: BaseMap | None = None
    benaderd: bool = False


# Without their number; those of one kind that lie together share a numbered marker.
SOORTEN = {
    soort: Puntsoort(soort, naam, meervoud, lambda _: Markup(""), (26, 26), (13, 13), getrost)
    for soort, naam, meervoud, getrost in (
        ("bereikbaar", "Plek die meetelt", "Plekken die meetellen", True),
        ("dicht", "Plek die niet meetelt", "Plekken die niet meetellen", True),
        ("sluit", "Plek die sluit", "Plek die sluit", False),
        ("erbij", "Plek erbij", "Plek erbij", False),
        ("voorstel", "Waar een nieuwe plek helpt", "Waar een nieuwe plek helpt", False),
        ("evengoed", "Even goed", "Even goed", False),
    )
}


@dataclass(frozen=True)
class Legenda:
    """klassen: (look, words, number of buurten); symbolen: (kind, words)."""

    klassen: tuple[tuple[Vlak, str, int], ...]
    symbolen: tuple[tuple[str, str], ...]


def render_bereik(model: Bereikkaart, *, nonce: str | None = None, assets: str = "/statisch") -> Fragment:
    """The map with its legend. Without any area that can be drawn body and script are empty."""
    drawn = [gebied for gebied in model.gebieden if gebied.geometry]
    if not drawn:
        return Fragment(style_links(assets), Markup(""), Markup(""))
    looks = _looks(model.gebieden)
    tekening = _draw(model, [(gebied, looks[gebied.code]) for gebied in drawn])
    context = {"kaart": model, "legenda": _legend(model, looks)}
    return render_tekening(tekening, "bereikkaart.html", context, nonce=nonce, assets=assets)


def _looks(gebieden: tuple[Bereikgebied, ...]) -> dict[str, Vlak]:
    indeling = make_vaste_indeling(GRENZEN, [g.waarde for g in gebieden if g.waarde is not None])
    found = {}
    for gebied in gebieden:
        if gebied.waarde is None:
            found[gebied.code] = vlak_van_status("ontbreekt")
        else:
            klasse = indeling.klasse_van(gebied.waarde)
            found[gebied.code] = Vlak(klasse.kleur, klassen=f"bs-gebied bs-klasse-{klasse.nummer}")
    return found


def _draw(model: Bereikkaart, gebieden: list[tuple[Bereikgebied, Vlak]]) -> Tekening:
    features = [{"type": "Feature", "geometry": gebied.geometry, "properties": {}} for gebied, _ in gebieden]
    areas: FeatureCollection = {"type": "FeatureCollection", "features": features}
    bounds = bounds_of((areas,))
    if bounds is None:
        raise ValueError("niets om te tekenen")
    kaart = make_map(bounds, model.base_map)
    vormen = [
        Vorm(
            f"gebied-{i}",
            dict(gebied.geometry or {}),
            f"{gebied.naam}: {gebied.tekst}",
            fill(
                "popup_bereik.html", soort="Buurt", naam=gebied.naam, regels=gebied.regels, keuze=("erbij", gebied.code)
            ),
        )
        for i, (gebied, _) in enumerate(gebieden, start=1)
    ]
    opacity = 0.75 if model.base_map else 1.0
    styles = {vorm.id: path_style(vlak, opacity) for vorm, (_, vlak) in zip(vormen, gebieden, strict=True)}
    layer = geojson_layer(
        "gebieden",
        "Deel dat een plek kan bereiken",
        collect(vormen),
        style_function=lambda feature: dict(styles[feature["id"]]),
        smooth_factor=0.5,
    )
    kaart.add_child(layer)
    for slug, soort in SOORTEN.items():
        points = [_point(soort, i, punt) for i, punt in enumerate(model.punten, start=1) if punt.soort == slug]
        add_points(kaart, soort, points, show=True)
        vormen += points
    control = layer_control()
    # Open it would lie over the cards that are chosen from.
    control.options["collapsed"] = True
    kaart.add_child(control)
    return Tekening(kaart, {v.id: {"label": v.label, "popup": str(v.popup)} for v in vormen})


def _point(soort: Puntsoort, number: int, punt: Bereikpunt) -> Vorm:
    geometry = {"type": "Point", "coordinates": punt.lonlat}
    card = fill("popup_bereik.html", soort=soort.enkelvoud, naam=punt.naam, regels=punt.regels, keuze=punt.keuze)
    return Vorm(f"{soort.slug}-{number}", geometry, f"{soort.enkelvoud}: {punt.naam}", card)


def _legend(model: Bereikkaart, looks: Mapping[str, Vlak]) -> Legenda:
    counts = Counter(looks[gebied.code].fill for gebied in model.gebieden)
    middles = [bound - 10 for bound in (*GRENZEN, 100.0)]
    indeling = make_vaste_indeling(GRENZEN, middles)
    klassen = [
        (Vlak(klasse.kleur), woord, counts[klasse.kleur])
        for klasse, woord in zip(indeling.klassen, WOORDEN, strict=True)
    ]
    unknown = vlak_van_status("ontbreekt")
    if counts[unknown.fill]:
        klassen.append((unknown, "aantal woningen niet bekend", counts[unknown.fill]))
    used = {punt.soort for punt in model.punten}
    return Legenda(tuple(klassen), tuple((slug, soort.enkelvoud) for slug, soort in SOORTEN.items() if slug in used))
