"""Everything the map shows for one question and one viewer, as the model that ``maps`` draws."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from geo_service.db.engine import Database, ReadConnection
from geo_service.db.queries import context as context_queries
from geo_service.db.queries.runs import list_runs
from geo_service.domain.dekking import dekkingsgraad
from geo_service.domain.gebieden import BUITEN, NIVEAUS
from geo_service.domain.hotspots import BLINDE_VLEKKEN
from geo_service.domain.perioden import dag_naam
from geo_service.errors import NotFound
from geo_service.identity import Viewer
from geo_service.release import features
from geo_service.release.cijfers import ALLES, CijferTabel, CijferVraag, meldingen_per_gebied
from geo_service.release.collecties import COLLECTIES, Aanvraag, make_relation
from geo_service.release.context import connect_as, list_gemeenten, load_gemeente
from geo_service.release.noemers import INDICATOREN
from geo_service.release.perioden import available_perioden
from geo_service.release.selectie import Bladzijde, Filters, read_page, select_features
from geo_service.settings import get_settings
from maps.geometrie import bounds_of
from maps.hotspots import HOTSPOTLAGEN, Hotspotlaag, laag_van
from maps.model import HOTSPOTS, BaseMap, Bounds, KaartModel, Toelichting, Zoeking

PLEKKEN = ("wijkwijzers", "voorzieningen")
ALLE_HOTSPOTS = "hotspots"
LAGEN = (*PLEKKEN, ALLE_HOTSPOTS, *HOTSPOTS)
# What a reader switches on when they want it; a layer that was asked for by its own name is on.
LAGEN_UIT = frozenset({"voorzieningen", "opkomend", "stil"})
ALLEEN_ALLES = "Hier zoeken wij alleen over alle onderwerpen samen."
# Far more than any municipality has, and about what a map of separate markers can bear.
MAX_PLEKKEN = 20_000
Keuzes = dict[str, list[tuple[str, str, bool]]]
GETELD = {
    "melding": ("melding", "meldingen"),
    "casus": ("casus", "casussen"),
    "persoon": ("persoon", "personen"),
    "huishouden": ("huishouden", "huishoudens"),
    "adres": ("adres", "adressen"),
    "misdrijf": ("misdrijf", "misdrijven"),
}
NIVEAU_NAMEN = {
    "gemeente": "Gemeente",
    "stadsdeel": "Stadsdelen",
    "wijk": "Wijken",
    "buurt": "Buurten",
    "wijkteamgebied": "Wijkteamgebieden",
}


@dataclass(frozen=True)
class KaartAntwoord:
    """The map, the choices of its form, and the figures behind it."""

    model: KaartModel
    keuzes: Keuzes
    tabel: CijferTabel


async def kaart_voor(
    database: Database,
    viewer: Viewer,
    gemeente_code: str | None,
    vraag: CijferVraag,
    *,
    lagen: tuple[str, ...] = LAGEN,
    plekken: bool = True,
) -> KaartAntwoord:
    """The map for a viewer. lagen: names in LAGEN; "hotspots" stands for all layers of them. plekken: False leaves the
    places out for who has them already; they do not depend on what is asked.

    NotFound when there are no areas or no reports to show.
    """
    async with connect_as(database, viewer) as connection:
        gemeente = await load_gemeente(connection, viewer, gemeente_code)
        if not gemeente.vintages:
            raise NotFound(f"Er zijn nog geen gebieden van {gemeente.naam} geladen.")
        tabel = await meldingen_per_gebied(connection, viewer, gemeente, vraag)
        if tabel is None:
            raise NotFound(f"Er zijn nog geen meldingen van {gemeente.naam} geladen.")
        layers = await _layers(connection, viewer, tabel, lagen if plekken else ())
        hotspots, gezocht = await _hotspots(connection, viewer, tabel, lagen)
        keuzes = await _keuzes(connection, viewer, tabel)
    off = LAGEN_UIT if set(lagen) == set(LAGEN) else LAGEN_UIT.difference(lagen)
    model = _model(tabel, layers | {"hotspots": hotspots})
    model = replace(model, gezocht=gezocht, lagen_uit=off, begin=_own_bounds(viewer, tabel, layers["gebieden"]))
    return KaartAntwoord(model, keuzes, tabel)


def _own_bounds(viewer: Viewer, tabel: CijferTabel, gebieden: dict[str, Any]) -> Bounds | None:
    """Where the viewer works; None for who works everywhere, or in no area on this map."""
    if not viewer.works_in(tabel.gemeente.code) or viewer.sees_whole(tabel.gemeente.code):
        return None
    own = [f for f in gebieden["features"] if tabel.gemeente.is_eigen(viewer, f["properties"]["gebied_code"])]
    return bounds_of([_collection(own)])


async def _layers(
    connection: ReadConnection, viewer: Viewer, tabel: CijferTabel, lagen: tuple[str, ...]
) -> dict[str, Any]:
    gemeente = tabel.gemeente
    layers = {"gebieden": await features.cijfers(connection, tabel)}
    for plekken in PLEKKEN:
        if plekken in lagen:
            layers[plekken] = await _places(Aanvraag(connection, viewer, gemeente), plekken)
    return {name: _collection(items) for name, items in layers.items()}


def _collection(items: list[features.Feature]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": items}


async def _hotspots(
    connection: ReadConnection, viewer: Viewer, tabel: CijferTabel, lagen: tuple[str, ...]
) -> tuple[dict[str, Any], tuple[Zoeking, ...]]:
    """The results of the chosen layers, and per layer whether there could have been any."""
    chosen = [laag for laag in HOTSPOTLAGEN if laag.slug in lagen or ALLE_HOTSPOTS in lagen]
    if not chosen:
        return _collection([]), ()
    question = features.HotspotVraag(tabel.bron.naam, tabel.periode.code, methode=None)
    found = await features.hotspots(connection, viewer, tabel.gemeente, question)
    categorie = await _hotspot_categorie(connection, tabel.categorie)
    shown = [
        hotspot
        for hotspot in found
        if hotspot["properties"]["categorie"] == categorie and laag_van(hotspot["properties"]) in chosen
    ]
    computed = await list_runs(
        connection, tabel.gemeente.code, tabel.bron.naam, tabel.periode.code, intern=viewer.scoped
    )
    return _collection(shown), tuple(_zoeking(laag, categorie, computed.get(laag.methode)) for laag in chosen)


def _zoeking(laag: Hotspotlaag, categorie: str, redenen: dict[str | None, str] | None) -> Zoeking:
    """redenen: why the method found nothing, per class; None when it was not computed."""
    if laag.methode == BLINDE_VLEKKEN and categorie != ALLES:
        return Zoeking(laag.slug, berekend=False, reden=ALLEEN_ALLES)
    if redenen is None:
        return Zoeking(laag.slug, berekend=False)
    why = redenen.get(None) or redenen.get(laag.klasse)
    return Zoeking(laag.slug, berekend=not why, reden=f"Niet berekend. {why}" if why else "")


async def _places(aanvraag: Aanvraag, collectie: str) -> list[features.Feature]:
    """The same places as in the API, all of them."""
    selectie = select_features(await make_relation(COLLECTIES[collectie], aanvraag), Filters())
    pagina = await read_page(aanvraag.connection, selectie, Bladzijde(MAX_PLEKKEN))
    return [
        features.feature(row[0], json.loads(row[1]), dict(zip(selectie.velden, row[2:], strict=True)))
        for row in pagina.rijen
    ]


async def _hotspot_categorie(connection: ReadConnection, categorie: str) -> str:
    """Hotspots are found over all reports and per head category; a sub category shows those of its head."""
    heads = {row["code"]: row["hoofd"] for row in await context_queries.list_categorieen(connection)}
    return str(heads.get(categorie, ALLES))


def _model(tabel: CijferTabel, layers: dict[str, Any]) -> KaartModel:
    gemeente, bron = tabel.gemeente, tabel.bron
    settings = get_settings()
    with_rate = any(rij.cijfer.per_1000 is not None for rij in tabel.rijen)
    base = settings.achtergrondkaart_url
    geteld = GETELD.get(bron.registratie_eenheid or "melding", GETELD["melding"])
    plural = geteld[1].capitalize()
    what = plural if tabel.categorie == ALLES else f"{plural}: {tabel.categorie_naam.lower()}"
    return KaartModel(
        titel=f"{what} in {gemeente.naam}",
        gemeente_naam=gemeente.naam,
        niveau=tabel.niveau,
        periode_tekst=tabel.periode.naam,
        bron=bron.naam + (f" ({bron.houder})" if bron.houder else ""),
        categorie=tabel.categorie_naam,
        noemer=tabel.noemers.soort,
        geteld=geteld,
        eenheid="per_1000" if with_rate else "aantal",
        gebieden=layers["gebieden"],
        hotspots=layers["hotspots"],
        **{name: layers[name] for name in PLEKKEN if name in layers},
        base_map=BaseMap(base, "Achtergrondkaart", settings.achtergrondkaart_bron) if base else None,
        benaderd=gemeente.benaderd,
        toelichting=tuple(_toelichting(tabel)),
        herkomst=tuple(tabel.herkomst.split("; ")),
    )


def _toelichting(tabel: CijferTabel) -> list[Toelichting]:
    gemeente, bron = tabel.gemeente, tabel.bron
    notes = []
    if bron.definitie:
        notes.append(Toelichting("definitie", bron.definitie))
    notes.append(Toelichting("dekking", f"Wat de bron telt: {gemeente.dekking_tekst(bron.naam)}."))
    buurten = gemeente.leden(tabel.peiljaar, "buurt")
    share = dekkingsgraad(gemeente.dekkingen(bron.naam, tabel.peiljaar), buurten, tabel.periode)
    if 0 < share < 1:
        text = f"De bron dekt {share:.0%} van deze periode en dit gebied. Aantallen gaan alleen over het gedekte deel."
        notes.append(Toelichting("let_op", text))
    for breuk in gemeente.breuken(bron.naam, buurten, tabel.periode, tabel.peiljaar):
        notes.append(Toelichting("trendbreuk", breuk))
    if tabel.noemers.jaar and tabel.noemers.jaar != tabel.periode.van.year:
        notes.append(Toelichting("let_op", f"Het aantal {tabel.noemers.soort} is van {tabel.noemers.jaar}."))
    if bron.peildatum:
        notes.append(Toelichting("let_op", f"Stand van de gegevens: {dag_naam(bron.peildatum.date())}."))
    if any(rij.gebied_code == BUITEN for rij in tabel.rijen):
        notes.append(
            Toelichting("let_op", "De tabel heeft een regel voor meldingen buiten de gemeente of zonder buurt.")
        )
    return notes


async def _keuzes(connection: ReadConnection, viewer: Viewer, tabel: CijferTabel) -> Keuzes:
    gemeente = tabel.gemeente
    loaded = await list_gemeenten(connection)
    levels = [niveau for niveau in NIVEAUS if gemeente.leden(tabel.peiljaar, niveau)]
    perioden = available_perioden(gemeente, viewer, tabel.bron.naam)
    if tabel.periode not in perioden:
        perioden = [*perioden, tabel.periode]
    categorieen = await context_queries.list_categorieen(connection)
    keuzes: Keuzes = {}
    if len(loaded) > 1:
        keuzes["gemeente"] = [
            (row["gemeente_code"], row["naam"], row["gemeente_code"] == gemeente.code) for row in loaded
        ]
    keuzes["niveau"] = [(niveau, NIVEAU_NAMEN[niveau], niveau == tabel.niveau) for niveau in levels]
    keuzes["periode"] = [
        (p.code, p.naam, p == tabel.periode) for p in sorted(perioden, key=lambda p: (p.soort, p.van), reverse=True)
    ]
    keuzes["bron"] = [(naam, naam, naam == tabel.bron.naam) for naam in gemeente.melding_bronnen()]
    keuzes["categorie"] = [(ALLES, "Alle categorieën", tabel.categorie == ALLES)] + [
        (
            row["code"],
            row["naam"] if row["code"] == row["hoofd"] else f"– {row['naam']}",
            row["code"] == tabel.categorie,
        )
        for row in categorieen
    ]
    keuzes["noemer"] = [(soort, f"1.000 {soort}", soort == tabel.noemers.soort) for soort in INDICATOREN]
    return keuzes
