"""``/plannen/bereik``: who can walk to a place, where a new one would help, and what if one closes, moves or comes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from geo_service.api.parameters import GEMEENTE, Parameter, integer, one_of, read_query
from geo_service.beveiliging.headers import nonce_of
from geo_service.domain.openingstijden import DAGEN
from geo_service.pages.bewaren import KEEP_STYLES, Bewaren, keep_scripts
from geo_service.pages.rendering import ASSETS, page
from geo_service.release.bereik import MEESTE_NIEUWE, MINUTEN, Bereik, BereikVraag, BuurtBereik, bereik
from geo_service.release.bereikgewichten import GEWICHTEN
from geo_service.release.bereikpunten import DAGDELEN, MOMENTEN, Plek
from geo_service.release.context import Gemeente, connect_as, list_gemeenten
from geo_service.release.kaart import base_map
from geo_service.web import enter
from maps.assets import CSS, script_tags, style_links
from maps.bereik import Bereikgebied, Bereikkaart, Bereikpunt, render_bereik
from maps.getallen import format_getal, rate_decimals

router = APIRouter()
STYLES = (*CSS, "gegevens.css", "plekken.css", "bereik.css", *KEEP_STYLES)
TEKST: dict[str, Any] = {"type": "string"}
PARAMETERS = (
    GEMEENTE,
    Parameter("soort", "Soort plek.", TEKST),
    Parameter("minuten", "Minuten lopen.", {"type": "integer", "enum": list(MINUTEN)}, one_of(map(str, MINUTEN))),
    Parameter("open", "Deel van de week waarin de plek open is.", TEKST),
    Parameter("gewicht", "Wat meetelt bij een nieuwe plek.", TEKST, one_of(GEWICHTEN)),
    Parameter("gebied", "Code van een stadsdeel.", TEKST),
    Parameter("nieuw", "Hoeveel nieuwe plekken.", {"type": "integer"}, integer(0, MEESTE_NIEUWE)),
    Parameter("sluit", "Plek die sluit.", TEKST, lengte=400),
    Parameter("erbij", "Buurt, of breedte en lengte, waar een plek bij komt.", TEKST),
)


@router.get("/plannen/bereik")
async def bereik_pagina(request: Request) -> HTMLResponse:
    viewer, dienst = await enter(request)
    asked = read_query(request, PARAMETERS, formulier=True)
    code = asked.pop("gemeente", None)
    vraag = BereikVraag(**asked | {"minuten": int(asked.get("minuten", BereikVraag.minuten))})
    await dienst.geheugen.stand()
    async with connect_as(dienst.database, viewer) as connection:
        gemeenten = [row for row in await list_gemeenten(connection) if row["buurten"]]
        gemeente = await dienst.geheugen.gemeente(connection, viewer, code)
        found = await bereik(connection, viewer, gemeente, vraag, dienst.geheugen)
    kaart = render_bereik(_kaart(gemeente, found), nonce=nonce_of(request), assets=ASSETS)
    return page(
        "bereik.html",
        pagina="plannen",
        viewer=viewer,
        stijl=style_links(ASSETS, STYLES),
        gemeente_naam=gemeente.naam,
        keuzes=_keuzes(gemeente, found, [(row["gemeente_code"], row["naam"]) for row in gemeenten]),
        bereik=found,
        gebied_naam=gemeente.gebied_naam(found.vraag.gebied or gemeente.code),
        kaart=kaart,
        getal=format_getal,
        procent=procent,
        ongeveer=ongeveer,
        plaatsen=_plaatsen,
        bewaren=Bewaren(),
        bewaarscript=keep_scripts(request, ASSETS) + script_tags(ASSETS, nonce_of(request), ("bereik.js",)),
    )


def procent(deel: float | None) -> str:
    """A share (0-1) as whole percents; not "0%" or "100%" when it is not quite that."""
    if deel is None:
        return "onbekend"
    exact = deel in (0.0, 1.0)
    return f"{format_getal(100 * deel if exact else min(max(round(100 * deel), 1), 99))}%"


def ongeveer(aantal: float | None) -> str:
    """An estimated number, rounded to tens: it is not known where in a buurt the dwellings are."""
    if aantal is None:
        return "onbekend"
    size = abs(aantal)
    if size < 0.5:
        return "0"
    return "minder dan 10" if size < 10 else format_getal(round(size, -1))


def _plaatsen(buurt: BuurtBereik) -> str:
    if buurt.plaatsen is None:
        return "capaciteit onbekend"
    return format_getal(buurt.plaatsen, rate_decimals(buurt.plaatsen))


Opties = list[tuple[str, str, bool]]


def _keuzes(
    gemeente: Gemeente, found: Bereik, gemeenten: list[tuple[str, str]]
) -> Mapping[str, list[tuple[str, Opties]]]:
    """Lists of the form: per field groups of (value, label, selected); a group without a name stands loose."""
    vraag = found.vraag
    buurten = sorted(((code, gemeente.gebied_naam(code)) for code in _buurten(gemeente)), key=lambda row: row[1])
    keuzes = {
        "soort": _loose([(soort, soort.capitalize()) for soort in found.soorten], vraag.soort),
        "minuten": _loose([(str(n), f"{n} minuten lopen") for n in MINUTEN], str(vraag.minuten)),
        "open": [*_loose([("", "Alle tijden")], vraag.open or ""), *_momenten(vraag.open)],
        "gebied": _loose([("", "De hele gemeente"), *found.gebieden], vraag.gebied or ""),
        "nieuw": _loose([("", "Geen"), *((str(n), str(n)) for n in range(1, MEESTE_NIEUWE + 1))], str(vraag.nieuw)),
        "gewicht": _loose([(naam, GEWICHTEN[naam]) for naam in found.gewichten], vraag.gewicht),
        "sluit": _loose([("", "Geen"), *((plek.id, plek.naam) for plek in found.plekken)], vraag.sluit or ""),
        "erbij": [
            *_loose([("", "Nergens"), *_chosen_point(found)], vraag.erbij or ""),
            ("In het midden van", _select(buurten, vraag.erbij)),
        ],
    }
    chosen = _loose(gemeenten, gemeente.code)
    return ({"gemeente": chosen} if len(gemeenten) > 1 else {}) | keuzes


def _buurten(gemeente: Gemeente) -> Iterable[str]:
    return gemeente.leden(gemeente.vintages[-1].jaar, "buurt") if gemeente.vintages else ()


def _momenten(chosen: str | None) -> list[tuple[str, Opties]]:
    return [
        (dag.capitalize(), _select([(f"{dag[:2]}-{deel}", MOMENTEN[f"{dag[:2]}-{deel}"]) for deel in DAGDELEN], chosen))
        for dag in DAGEN
    ]


def _chosen_point(found: Bereik) -> list[tuple[str, str]]:
    """A point that was chosen on the map is in the list for as long as it is chosen."""
    erbij, asked = found.erbij, found.vraag.erbij
    if erbij is None or asked is None or asked == erbij.buurt_code:
        return []
    return [(asked, f"Uw punt in {erbij.buurt_naam}, {erbij.ligging}")]


def _select(options: Iterable[tuple[str, str]], chosen: str | None) -> Opties:
    return [(value, label, value == chosen) for value, label in options]


def _loose(options: Iterable[tuple[str, str]], chosen: str | None) -> list[tuple[str, Opties]]:
    return [("", _select(options, chosen))]


def _kaart(gemeente: Gemeente, found: Bereik) -> Bereikkaart:
    gebieden = tuple(
        Bereikgebied(
            code=buurt.code,
            naam=buurt.naam,
            geometry=found.grenzen.get(buurt.code),
            waarde=None if buurt.woningen is None else 100 * buurt.deel,
            tekst="aantal woningen onbekend" if buurt.woningen is None else f"{procent(buurt.deel)} van de woningen",
            regels=_regels(buurt, found),
        )
        for buurt in found.buurten
    )
    soort = found.vraag.soort or "plek"
    titel = f"Bereik van {soort} in {gemeente.naam}"
    omschrijving = f"Per buurt het deel van de woningen met een {soort} op {found.vraag.minuten} minuten lopen."
    return Bereikkaart(titel, omschrijving, gebieden, tuple(_punten(found)), base_map(), gemeente.benaderd)


def _regels(buurt: BuurtBereik, found: Bereik) -> tuple[tuple[str, str], ...]:
    lines = [("Woningen", "onbekend" if buurt.woningen is None else format_getal(buurt.woningen))]
    if buurt.woningen is not None:
        lines += [("Met een plek dichtbij", procent(buurt.deel)), ("Zonder, ongeveer", ongeveer(buurt.zonder))]
        if found.sluit or found.erbij:
            lines.append(("Zoals het nu is", procent(buurt.deel_nu)))
    source = f"woningen uit {found.woningen.jaar} ({found.woningen.bron})" if found.woningen.jaar else ""
    told = "; ".join(filter(None, (", ".join(found.bronnen), source)))
    return (*lines, ("Plaatsen per 1.000 woningen", _plaatsen(buurt)), ("Bron", told))


def _punten(found: Bereik) -> Iterable[Bereikpunt]:
    for plek in found.plekken:
        soort = "sluit" if plek is found.sluit else "bereikbaar" if plek.open else "dicht"
        yield Bereikpunt(soort, plek.naam, plek.lonlat, _plek_regels(plek), ("sluit", plek.id))
    if found.erbij:
        yield Bereikpunt("erbij", f"Erbij in {found.erbij.buurt_naam}", found.erbij.lonlat)
    taken = set()
    for soort, keuzes in (("voorstel", found.keuzes[:1]), ("evengoed", found.keuzes[1:])):
        for locatie in (locatie for keuze in keuzes for locatie in keuze.locaties):
            if locatie.lonlat not in taken:
                taken.add(locatie.lonlat)
                yield Bereikpunt(soort, f"{locatie.buurt_naam}, {locatie.ligging}", locatie.lonlat)


def _plek_regels(plek: Plek) -> tuple[tuple[str, str], ...]:
    told = [("Soort", plek.type), ("Adres", plek.adres), ("Open", plek.openingstijden or "niet bekend")]
    places = "capaciteit onbekend" if plek.capaciteit is None else format_getal(plek.capaciteit)
    return (*((label, text) for label, text in told if text), ("Plaatsen", places))
