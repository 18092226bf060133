"""Everything the map shows for one question and one viewer, as the model that ``maps`` draws."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from geo_service.db.engine import Database, ReadConnection
from geo_service.db.queries import context as context_queries
from geo_service.db.queries.runs import list_runs
from geo_service.domain.dekking import dekkingsgraad
from geo_service.domain.gebieden import BUITEN
from geo_service.domain.hotspots import BLINDE_VLEKKEN
from geo_service.domain.perioden import dag_naam
from geo_service.errors import NotFound
from geo_service.identity import Viewer
from geo_service.release import features
from geo_service.release.cijfers import ALLES, CijferTabel, CijferVraag, require_figures
from geo_service.release.collecties import COLLECTIES, Aanvraag, make_relation
from geo_service.release.context import Gemeente, connect_as, list_gemeenten, load_gemeente
from geo_service.release.geheugen import Geheugen
from geo_service.release.kaartklassen import vaste_klassen
from geo_service.release.kaartthemas import (
    KLASSEN_NAMEN,
    NOODKENMERKEN,
    WOONKENMERKEN,
    Themakeuze,
    Woningkaart,
    bron_keuzes,
    categorie_keuzes,
    kenmerk_keuzes,
    niveau_keuzes,
    read_wonen,
    thema_keuzes,
    theme_tabel,
    with_need,
    wonen_features,
)
from geo_service.release.lagen import BEZOEKEN
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
MELDINGENKAART = Themakeuze()
Keuzes = dict[str, list[tuple[str, str, bool]]]
GETELD = {
    "melding": ("melding", "meldingen"),
    "casus": ("casus", "casussen"),
    "persoon": ("persoon", "personen"),
    "huishouden": ("huishouden", "huishoudens"),
    "adres": ("adres", "adressen"),
    "misdrijf": ("misdrijf", "misdrijven"),
    "bezoek": ("bezoek", "bezoeken"),
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
    """The map, the choices of its form, the figures behind it (None for what no source counts), and whose it is."""

    model: KaartModel
    keuzes: Keuzes
    tabel: CijferTabel | None
    gemeente: Gemeente


@dataclass(frozen=True)
class Weergave:
    """What is shown of an answer. lagen: names in LAGEN; "hotspots" stands for all layers of them. plekken: False
    leaves the places out for who has them already; they do not depend on what is asked."""

    keuze: Themakeuze = MELDINGENKAART
    lagen: tuple[str, ...] = LAGEN
    plekken: bool = True


GEHEEL = Weergave()


async def kaart_voor(
    database: Database,
    viewer: Viewer,
    gemeente_code: str | None,
    vraag: CijferVraag,
    weergave: Weergave = GEHEEL,
    geheugen: Geheugen | None = None,
) -> KaartAntwoord:
    """The map for a viewer. geheugen: remembers the municipality and its fixed classes.

    NotFound when there are no areas or nothing to show of the theme.
    """
    keuze, lagen = weergave.keuze, weergave.lagen
    require_figures(viewer)
    if geheugen:
        await geheugen.stand()
    async with connect_as(database, viewer) as connection:
        find = geheugen.gemeente if geheugen else load_gemeente
        gemeente = await find(connection, viewer, gemeente_code)
        if not gemeente.vintages:
            raise NotFound(f"Er zijn nog geen gebieden van {gemeente.naam} geladen.")
        places = await _place_layers(connection, viewer, gemeente, lagen if weergave.plekken else ())
        if keuze.thema == "wonen":
            found = await _wonen(connection, gemeente, vraag, keuze, places)
            begin = _own_bounds(viewer, gemeente, found.model.gebieden)
            return replace(found, model=replace(found.model, begin=begin))
        tabel = await theme_tabel(connection, viewer, gemeente, vraag, keuze)
        if tabel is None:
            what = "bezoeken" if keuze.thema == "bezoeken" else "meldingen"
            raise NotFound(f"Er zijn nog geen {what} van {gemeente.naam} geladen.")
        layers = places | {"gebieden": _collection(await features.cijfers(connection, tabel))}
        # What stands out was looked for among reports.
        searched = lagen if keuze.thema == "meldingen" else ()
        hotspots, gezocht = await _hotspots(connection, viewer, tabel, searched)
        model = _model(tabel, layers | {"hotspots": hotspots})
        model, extra = await _themed(connection, model, tabel, keuze, geheugen)
        keuzes = await _keuzes(connection, viewer, tabel, keuze) | extra
    off = LAGEN_UIT if set(lagen) == set(LAGEN) else LAGEN_UIT.difference(lagen)
    model = replace(model, gezocht=gezocht, lagen_uit=off, begin=_own_bounds(viewer, gemeente, layers["gebieden"]))
    return KaartAntwoord(model, keuzes, tabel, gemeente)


def _own_bounds(viewer: Viewer, gemeente: Gemeente, gebieden: dict[str, Any]) -> Bounds | None:
    """Where the viewer works; None for who works everywhere, or in no area on this map."""
    if not viewer.works_in(gemeente.code) or viewer.sees_whole(gemeente.code):
        return None
    own = [f for f in gebieden["features"] if gemeente.is_eigen(viewer, f["properties"]["gebied_code"])]
    return bounds_of([_collection(own)])


async def _themed(
    connection: ReadConnection, model: KaartModel, tabel: CijferTabel, keuze: Themakeuze, geheugen: Geheugen | None
) -> tuple[KaartModel, Keuzes]:
    """The model as its theme draws it, and the lists that only this theme has."""
    gemeente = tabel.gemeente
    if keuze.thema == "dekking":
        titel = f"Waar {tabel.bron.naam} telt in {gemeente.naam}"
        return replace(model, titel=titel, eenheid="dekking", thema=keuze.thema), {}
    if keuze.thema == "samen":
        wonen = await read_wonen(connection, gemeente, tabel.niveau, _need_code(keuze), tabel.peiljaar)
        both = _collection(with_need(model.gebieden["features"], wonen))
        titel = f"{model.titel.removesuffix(f' in {gemeente.naam}')} naast wat wij verwachten in {gemeente.naam}"
        notes = (*model.toelichting, *_unknown(wonen))
        model = replace(model, titel=titel, gebieden=both, kenmerk=wonen.kenmerk, toelichting=notes, thema=keuze.thema)
        return model, {"kenmerk": kenmerk_keuzes(NOODKENMERKEN, wonen.kenmerk.code)}
    gelijk = keuze.klassen == "gelijk"
    vast = None if gelijk else await vaste_klassen(connection, tabel, model.eenheid, geheugen)
    chosen = "gelijk" if vast is None else "vast"
    # Without a series there is nothing to choose.
    names = {code: naam for code, naam in KLASSEN_NAMEN.items() if vast or gelijk or code == chosen}
    return replace(model, vast=vast, thema=keuze.thema), {
        "klassen": [(code, naam, code == chosen) for code, naam in names.items()]
    }


def _need_code(keuze: Themakeuze) -> str:
    return keuze.kenmerk if keuze.kenmerk in NOODKENMERKEN else next(iter(NOODKENMERKEN))


async def _wonen(
    connection: ReadConnection, gemeente: Gemeente, vraag: CijferVraag, keuze: Themakeuze, places: dict[str, Any]
) -> KaartAntwoord:
    """The map of the dwellings: no source of reports, no period, each feature with a year of its own."""
    wonen = await read_wonen(connection, gemeente, vraag.niveau, keuze.kenmerk, vraag.peiljaar)
    kenmerk, jaar = wonen.kenmerk, wonen.peiljaar
    model = KaartModel(
        titel=f"{kenmerk.naam} in {gemeente.naam}",
        gemeente_naam=gemeente.naam,
        niveau=wonen.niveau,
        periode_tekst=kenmerk.jaar,
        bron=kenmerk.bron,
        categorie="",
        noemer="",
        eenheid="waarde",
        gebieden=_collection(await wonen_features(connection, gemeente, wonen)),
        **places,
        base_map=base_map(),
        benaderd=gemeente.benaderd,
        toelichting=(*_unknown(wonen), *_about_buildings(kenmerk.code)),
        herkomst=(f"Bron: {kenmerk.bron} ({kenmerk.jaar})", f"gebieden van {jaar}"),
        thema="wonen",
        kenmerk=kenmerk,
        lagen_uit=LAGEN_UIT,
    )
    shared: Keuzes = {"thema": thema_keuzes(gemeente, "wonen")} | await _gemeente_keuzes(connection, gemeente)
    keuzes = shared | {
        "niveau": niveau_keuzes(gemeente, jaar, wonen.niveau, NIVEAU_NAMEN),
        "kenmerk": kenmerk_keuzes(WOONKENMERKEN, kenmerk.code),
    }
    return KaartAntwoord(model, keuzes, None, gemeente)


def _unknown(wonen: Woningkaart) -> tuple[Toelichting, ...]:
    if not wonen.onbekend:
        return ()
    text = f"{wonen.kenmerk.naam} is niet bekend per {wonen.niveau}. Kies andere gebieden of een ander kenmerk."
    return (Toelichting("let_op", text),)


def _about_buildings(code: str) -> tuple[Toelichting, ...]:
    if not WOONKENMERKEN[code].delen:
        return ()
    return (Toelichting("definitie", "Alle gebouwen in gebruik tellen mee, ook schuren. Het zijn geen woningen."),)


async def _place_layers(
    connection: ReadConnection, viewer: Viewer, gemeente: Gemeente, lagen: tuple[str, ...]
) -> dict[str, Any]:
    asked = Aanvraag(connection, viewer, gemeente)
    return {naam: _collection(await _places(asked, naam)) for naam in PLEKKEN if naam in lagen}


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
    found: list[features.Feature] = json.loads(pagina.objecten.text())
    return found


async def _hotspot_categorie(connection: ReadConnection, categorie: str) -> str:
    """Hotspots are found over all reports and per head category; a sub category shows those of its head."""
    heads = {row["code"]: row["hoofd"] for row in await context_queries.list_categorieen(connection)}
    return str(heads.get(categorie, ALLES))


def base_map() -> BaseMap | None:
    """What is drawn below every map; None: only our own areas."""
    settings = get_settings()
    url = settings.achtergrondkaart_url
    return BaseMap(url, "Achtergrondkaart", settings.achtergrondkaart_bron) if url else None


def _model(tabel: CijferTabel, layers: dict[str, Any]) -> KaartModel:
    gemeente, bron = tabel.gemeente, tabel.bron
    with_rate = any(rij.cijfer.per_1000 is not None for rij in tabel.rijen)
    unit = "bezoek" if tabel.laag is BEZOEKEN else bron.registratie_eenheid
    geteld = GETELD.get(unit or "melding", GETELD["melding"])
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
        base_map=base_map(),
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
        what = tabel.laag.buiten_naam
        notes.append(Toelichting("let_op", f"De tabel heeft een eigen regel: {what[:1].lower()}{what[1:]}."))
    return notes


async def _gemeente_keuzes(connection: ReadConnection, gemeente: Gemeente) -> Keuzes:
    loaded = await list_gemeenten(connection)
    if len(loaded) < 2:
        return {}
    return {"gemeente": [(row["gemeente_code"], row["naam"], row["gemeente_code"] == gemeente.code) for row in loaded]}


async def _keuzes(connection: ReadConnection, viewer: Viewer, tabel: CijferTabel, keuze: Themakeuze) -> Keuzes:
    gemeente = tabel.gemeente
    perioden = available_perioden(gemeente, viewer, tabel.bron.naam)
    if tabel.periode not in perioden:
        perioden = [*perioden, tabel.periode]
    keuzes: Keuzes = {"thema": thema_keuzes(gemeente, keuze.thema)} | await _gemeente_keuzes(connection, gemeente)
    keuzes["niveau"] = niveau_keuzes(gemeente, tabel.peiljaar, tabel.niveau, NIVEAU_NAMEN)
    keuzes["periode"] = [
        (p.code, p.naam, p == tabel.periode) for p in sorted(perioden, key=lambda p: (p.soort, p.van), reverse=True)
    ]
    keuzes["bron"] = bron_keuzes(tabel, keuze)
    if keuze.thema != "dekking":
        keuzes["categorie"] = await categorie_keuzes(connection, tabel)
        keuzes["noemer"] = [(soort, f"1.000 {soort}", soort == tabel.noemers.soort) for soort in INDICATOREN]
    return keuzes
