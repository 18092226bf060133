"""The themes of the map: what may colour the areas, and for each the question, the choices and the model.

Nothing is counted here: visits and coverage come from the figures of the API, housing from its collection.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from geo_service.db.engine import ReadConnection
from geo_service.db.queries import context as context_queries
from geo_service.db.queries import features as feature_queries
from geo_service.domain.gebieden import BUITEN, NIVEAUS
from geo_service.identity import Viewer
from geo_service.release.cijfers import ALLES, CijferTabel, CijferVraag, one_tabel
from geo_service.release.collecties.woningvoorraad import Newest, Row, read_newest, value_of
from geo_service.release.context import Gemeente
from geo_service.release.features import Feature, feature
from geo_service.release.lagen import BEZOEKEN, MELDINGEN, Laag
from maps.model import Kenmerk

THEMA_NAMEN = {
    "meldingen": "Overlastmeldingen",
    "bezoeken": "Bezoeken aan wijkwijzers",
    "wonen": "Woningen",
    "samen": "Meldingen naast wat wij verwachten",
    "dekking": "Waar een bron telt",
}
KLASSEN_NAMEN = {"vast": "Vast door de tijd", "gelijk": "Gelijke groepen nu"}
BOUWPERIODEN = ("voor_1945", "1945_1974", "1975_1999", "vanaf_2000")


@dataclass(frozen=True)
class Themakeuze:
    """What the reader wants to see. kenmerk: a code of the theme; klassen: vast or gelijk; None: the usual."""

    thema: str = "meldingen"
    kenmerk: str | None = None
    klassen: str | None = None


@dataclass(frozen=True)
class Woonkenmerk:
    """A feature of dwellings. delen: of shares of counts, those that are counted; of all building periods together."""

    naam: str
    eenheid: Literal["procent", "duizend_euro"]
    delen: tuple[str, ...] = ()
    nood: bool = False
    nood_laag: bool = False


WOONKENMERKEN = {
    "corporatie_pct": Woonkenmerk("Huur van een corporatie", "procent", nood=True),
    "koop_pct": Woonkenmerk("Koopwoningen", "procent"),
    "overige_verhuur_pct": Woonkenmerk("Huur van anderen", "procent"),
    "meergezins_pct": Woonkenmerk("Appartementen en flats", "procent"),
    "voor_1945_pct": Woonkenmerk("Gebouwen van voor 1945", "procent", BOUWPERIODEN[:1]),
    "voor_1975_pct": Woonkenmerk("Gebouwen van voor 1975", "procent", BOUWPERIODEN[:2]),
    "vanaf_2000_pct": Woonkenmerk("Gebouwen van 2000 of later", "procent", BOUWPERIODEN[3:]),
    "woz_1000": Woonkenmerk("Gemiddelde WOZ-waarde", "duizend_euro", nood=True, nood_laag=True),
}
NOODKENMERKEN = {code: kenmerk for code, kenmerk in WOONKENMERKEN.items() if kenmerk.nood}


def laag_van(keuze: Themakeuze, gemeente: Gemeente, bron: str | None) -> Laag:
    """What is counted: visits for their theme and for the coverage of a source of them, else reports."""
    known = gemeente.bronnen.get(bron or "")
    visits = keuze.thema == "dekking" and known is not None and known.laag == BEZOEKEN.naam
    return BEZOEKEN if visits or keuze.thema == "bezoeken" else MELDINGEN


def offered(gemeente: Gemeente) -> list[str]:
    """The themes that this municipality has something for."""
    return [thema for thema in THEMA_NAMEN if thema != "bezoeken" or BEZOEKEN.bronnen(gemeente)]


async def fitting(connection: ReadConnection, gemeente: Gemeente, laag: Laag, vraag: CijferVraag) -> CijferVraag:
    """The question without what belongs to another theme: a form sends along the lists that were there before."""
    other = MELDINGEN if laag is BEZOEKEN else BEZOEKEN
    if vraag.bron in other.bronnen(gemeente):
        vraag = replace(vraag, bron=None)
    if vraag.categorie != ALLES and vraag.categorie not in await laag.load_categorieen(connection, gemeente.code):
        elsewhere = await other.load_categorieen(connection, gemeente.code)
        vraag = replace(vraag, categorie=ALLES) if vraag.categorie in elsewhere else vraag
    return vraag


async def theme_tabel(
    connection: ReadConnection, viewer: Viewer, gemeente: Gemeente, vraag: CijferVraag, keuze: Themakeuze
) -> CijferTabel | None:
    """The figures of a theme that counts something; None without any data.

    Coverage is that of all categories; what lies in no area has none, and no sign of need.
    """
    laag = laag_van(keuze, gemeente, vraag.bron)
    vraag = await fitting(connection, gemeente, laag, vraag)
    if keuze.thema == "dekking":
        vraag = replace(vraag, categorie=ALLES)
    tabel = await one_tabel(connection, viewer, gemeente, laag, vraag)
    if tabel is None or keuze.thema in ("meldingen", "bezoeken"):
        return tabel
    return replace(tabel, rijen=tuple(rij for rij in tabel.rijen if rij.gebied_code != BUITEN))


@dataclass(frozen=True)
class Woningkaart:
    """A feature of the dwellings of each area of a level; kenmerk says from when and whom it is."""

    kenmerk: Kenmerk
    niveau: str
    peiljaar: int
    waarden: Mapping[str, dict[str, Any]]

    @property
    def onbekend(self) -> bool:
        return all(row["waarde"] is None for row in self.waarden.values())


async def read_wonen(
    connection: ReadConnection, gemeente: Gemeente, niveau: str, code: str | None, peiljaar: int | None
) -> Woningkaart:
    """The figures of the collection woningvoorraad; shares of buildings are made from its counts."""
    code = code or next(iter(WOONKENMERKEN))
    jaar = gemeente.peiljaar(peiljaar)
    newest = await read_newest(connection, gemeente.code)
    found, used = {}, []
    for area, buurten in sorted(gemeente.leden(jaar, niveau).items()):
        waarde, rows = _woonwaarde(code, area, buurten, newest)
        used += rows if waarde is not None else []
        found[area] = {
            "waarde": waarde,
            "jaar": _years(rows) if waarde is not None else None,
            "status": "ontbreekt" if waarde is None else "ok",
            "herkomst": f"Bron: {_sources(rows)}" if waarde is not None else "",
        }
    kenmerk = WOONKENMERKEN[code]
    what = Kenmerk(code, kenmerk.naam, kenmerk.eenheid, _years(used), _names(used), kenmerk.nood_laag)
    return Woningkaart(what, niveau, jaar, found)


def _woonwaarde(code: str, area: str, buurten: frozenset[str], newest: Newest) -> tuple[float | None, list[Row]]:
    kenmerk = WOONKENMERKEN[code]
    if not kenmerk.delen:
        return value_of(area, buurten, newest, code)
    counts, rows = {}, []
    for periode in BOUWPERIODEN:
        counts[periode], parts = value_of(area, buurten, newest, f"panden_bouwjaar_{periode}")
        rows += parts
    # A building period without any building has no row; without any row nothing is known.
    total = sum(count or 0 for count in counts.values())
    if not total:
        return None, rows
    return round(100 * sum(counts[periode] or 0 for periode in kenmerk.delen) / total, 1), rows


def _years(rows: Iterable[Row]) -> str:
    found = sorted({row["jaar"] for row in rows})
    return " en ".join(map(str, found[:1] + found[-1:] if len(found) > 1 else found)) if found else "onbekend"


def _names(rows: Iterable[Row]) -> str:
    return ", ".join(sorted({row["bron"] for row in rows})) or "geen"


def _sources(rows: Iterable[Row]) -> str:
    return ", ".join(sorted({f"{row['bron']} {row['jaar']}" for row in rows})) or "geen"


async def wonen_features(connection: ReadConnection, gemeente: Gemeente, wonen: Woningkaart) -> list[Feature]:
    areas = await feature_queries.list_gebieden(
        connection, gemeente=gemeente.code, jaar=wonen.peiljaar, niveau=wonen.niveau
    )
    geometry = {row["code"]: row["geometry"] for row in areas}
    return [
        feature(
            code,
            geometry.get(code),
            {"gebied_code": code, "gebied_naam": gemeente.gebied_naam(code), "niveau": wonen.niveau} | row,
        )
        for code, row in wonen.waarden.items()
    ]


def with_need(features: list[Feature], wonen: Woningkaart) -> list[Feature]:
    """Features of reports with the sign of need beside them; reports keep their own status."""
    nothing = {"waarde": None, "jaar": None}
    for one in features:
        row = wonen.waarden.get(one["properties"]["gebied_code"], nothing)
        one["properties"] |= {"waarde": row["waarde"], "jaar": row["jaar"]}
    return features


def kenmerk_keuzes(kenmerken: Mapping[str, Woonkenmerk], chosen: str) -> list[tuple[str, str, bool]]:
    return [(code, kenmerk.naam, code == chosen) for code, kenmerk in kenmerken.items()]


def thema_keuzes(gemeente: Gemeente, chosen: str) -> list[tuple[str, str, bool]]:
    return [(thema, THEMA_NAMEN[thema], thema == chosen) for thema in offered(gemeente)]


def niveau_keuzes(gemeente: Gemeente, jaar: int, chosen: str, namen: Mapping[str, str]) -> list[tuple[str, str, bool]]:
    return [(niveau, namen[niveau], niveau == chosen) for niveau in NIVEAUS if gemeente.leden(jaar, niveau)]


async def categorie_keuzes(connection: ReadConnection, tabel: CijferTabel) -> list[tuple[str, str, bool]]:
    """The categories of what is counted; subs of reports stand below their head."""
    chosen = tabel.categorie
    if tabel.laag is BEZOEKEN:
        known = await BEZOEKEN.load_categorieen(connection, tabel.gemeente.code)
        return [(code, categorie.naam, code == chosen) for code, categorie in known.items()]
    rows = await context_queries.list_categorieen(connection)
    listed = [(row["code"], row["naam"] if row["code"] == row["hoofd"] else f"– {row['naam']}") for row in rows]
    return [(code, naam, code == chosen) for code, naam in [(ALLES, "Alle categorieën"), *listed]]


def bron_keuzes(tabel: CijferTabel, keuze: Themakeuze) -> list[tuple[str, str, bool]]:
    """The sources of the theme; coverage is told of all of them."""
    lagen = (MELDINGEN, BEZOEKEN) if keuze.thema == "dekking" else (tabel.laag,)
    return [(naam, naam, naam == tabel.bron.naam) for laag in lagen for naam in laag.bronnen(tabel.gemeente)]
