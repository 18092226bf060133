"""Two periods of the same areas side by side, and per area whether the difference is clear."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from analysis.change import compare_periods
from geo_service.db.engine import Database
from geo_service.domain.gebieden import BUITEN
from geo_service.domain.perioden import Periode, bereik, parse_periode
from geo_service.errors import InvalidParameters, NotFound, ParameterFault
from geo_service.identity import Viewer
from geo_service.release.beoordeling import GebiedCijfer
from geo_service.release.cijfers import CijferTabel, CijferVraag
from geo_service.release.geheugen import Geheugen
from geo_service.release.kaart import KaartAntwoord, Keuzes, Weergave, kaart_voor
from geo_service.release.kaartthemas import Themakeuze
from maps.getallen import shown_value
from maps.klassen import VasteKlassen, ronde_grenzen
from maps.model import Eenheid, KaartModel
from maps.verschil import Verschil

THEMAS = ("meldingen", "bezoeken")
GEEN_ANDERE = "Er is geen andere periode van deze bron om mee te vergelijken."


@dataclass(frozen=True)
class Vergelijking:
    """The maps of both periods, with the same classes; a difference per area, by name; and the lists of the form."""

    toen: KaartModel
    nu: KaartModel
    verschillen: tuple[Verschil, ...]
    keuzes: Keuzes


@dataclass(frozen=True)
class Naast:
    """What is asked: a question about one period, and the code of the period beside it (None: the same a year before).

    thema: one of THEMAS.
    """

    gemeente: str | None
    vraag: CijferVraag
    met: str | None = None
    thema: str = THEMAS[0]


async def vergelijk_perioden(database: Database, viewer: Viewer, naast: Naast, geheugen: Geheugen) -> Vergelijking:
    """Compare the period of a question with another one; both in the areas of the first.

    InvalidParameters when the periods are of different length; NotFound without data.
    """
    vraag = naast.vraag
    weergave = Weergave(Themakeuze(naast.thema), lagen=(), plekken=False)
    nu = await kaart_voor(database, viewer, naast.gemeente, vraag, weergave, geheugen)
    tabel = _table(nu)
    ander = _other(tabel.periode, [code for code, *_ in nu.keuzes["periode"]], naast.met)
    question = replace(
        vraag, bron=tabel.bron.naam, categorie=tabel.categorie, periode=ander.code, peiljaar=tabel.peiljaar
    )
    toen = await kaart_voor(database, viewer, tabel.gemeente.code, question, weergave, geheugen)
    models = _same_classes(toen.model, nu.model)
    keuzes = _choices(nu, ander)
    return Vergelijking(*models, _differences(_table(toen), tabel), keuzes)


def _table(antwoord: KaartAntwoord) -> CijferTabel:
    if antwoord.tabel is None:
        raise NotFound(GEEN_ANDERE)
    return antwoord.tabel


def _other(periode: Periode, offered: list[str], asked: str | None) -> Periode:
    """The asked period; else the same one a year before, else the last before it."""
    if asked is not None:
        try:
            ander = parse_periode(asked)
        except ValueError as error:
            raise InvalidParameters(ParameterFault("met", str(error))) from None
        if ander.soort != periode.soort:
            raise InvalidParameters(ParameterFault("met", f"kies net als hiernaast een {periode.soort}."))
        return ander
    same_kind = [found for found in map(parse_periode, offered) if found.soort == periode.soort]
    earlier = sorted((found for found in same_kind if found.van < periode.van), key=lambda found: found.van)
    if not earlier:
        raise NotFound(GEEN_ANDERE)
    year_before = [found for found in earlier if found.code == f"{periode.van.year - 1}{periode.code[4:]}"]
    return (year_before or earlier)[-1]


def _choices(nu: KaartAntwoord, ander: Periode) -> Keuzes:
    """The lists of the form: those of the map, and the periods of the same kind once more."""
    skipped = {"klassen", "kenmerk"}
    keuzes = {naam: opties for naam, opties in nu.keuzes.items() if naam not in skipped}
    keuzes["thema"] = [option for option in keuzes["thema"] if option[0] in THEMAS]
    tabel = _table(nu)
    met = [(code, naam, code == ander.code) for code, naam, _ in keuzes["periode"]]
    keuzes["met"] = [
        (code, naam, chosen)
        for code, naam, chosen in met
        if code != tabel.periode.code and parse_periode(code).soort == tabel.periode.soort
    ]
    return keuzes


def _same_classes(toen: KaartModel, nu: KaartModel) -> tuple[KaartModel, KaartModel]:
    """Both maps with one set of breaks and one unit, also where the series gives none."""
    eenheid: Eenheid = "per_1000" if toen.eenheid == nu.eenheid == "per_1000" else "aantal"
    vast = nu.vast if nu.eenheid == eenheid and nu.vast else toen.vast if toen.eenheid == eenheid else None
    if vast is None:
        shown = [
            shown_value(feature["properties"][eenheid], eenheid)
            for model in (toen, nu)
            for feature in model.gebieden["features"]
            if feature["properties"][eenheid] is not None
        ]
        vast = VasteKlassen(ronde_grenzen(shown, geheel=eenheid == "aantal"), "beide perioden")
    return replace(toen, eenheid=eenheid, vast=vast), replace(nu, eenheid=eenheid, vast=vast)


def _differences(toen: CijferTabel, nu: CijferTabel) -> tuple[Verschil, ...]:
    before = {rij.gebied_code: rij for rij in toen.rijen}
    pairs = [(before[rij.gebied_code], rij) for rij in nu.rijen if rij.gebied_code in before]
    pairs = [pair for pair in pairs if pair[1].gebied_code != BUITEN]
    pairs.sort(key=lambda pair: nu.gebied_naam(pair[1].gebied_code).casefold())
    breaks = [_break_between(toen, nu, rij.gebied_code) for _, rij in pairs]
    counts = np.array(
        [[_count(a, broken), _count(b, broken)] for (a, b), broken in zip(pairs, breaks, strict=True)], dtype=float
    ).reshape(-1, 2)
    sizes = np.array([[_size(a, toen), _size(b, nu)] for a, b in pairs], dtype=float).reshape(-1, 2)
    found = compare_periods(counts[:, 0], counts[:, 1], sizes[:, 0], sizes[:, 1])
    return tuple(
        Verschil(
            code=b.gebied_code,
            naam=nu.gebied_naam(b.gebied_code),
            statussen=(a.cijfer.status.value, b.cijfer.status.value),
            breuk=breaks[at],
            verhouding=_number(found.ratio[at]),
            laag=_number(found.low[at]),
            hoog=_number(found.high[at]),
            duidelijk=bool(found.clear[at]),
        )
        for at, (a, b) in enumerate(pairs)
    )


def _break_between(toen: CijferTabel, nu: CijferTabel, code: str) -> str:
    """What changed in the registration from the first day of the earlier through the last day of the later period."""
    span = bereik(min(toen.periode.van, nu.periode.van), max(toen.periode.tot, nu.periode.tot))
    buurten = nu.gemeente.leden(nu.peiljaar, nu.niveau)[code]
    return "; ".join(nu.gemeente.breuken(nu.bron.naam, buurten, span, nu.peiljaar))


def _count(rij: GebiedCijfer, broken: str) -> float:
    return np.nan if broken or rij.cijfer.aantal is None else rij.cijfer.aantal


def _size(rij: GebiedCijfer, tabel: CijferTabel) -> float:
    """Dwellings (or what it is compared per) times covered days; days alone when nobody knows the dwellings."""
    per = rij.cijfer.noemer if tabel.noemers.waarden and rij.cijfer.noemer else 1.0
    return per * tabel.periode.dagen * rij.cijfer.dekking


def _number(value: float) -> float | None:
    return round(float(value), 3) if np.isfinite(value) else None
