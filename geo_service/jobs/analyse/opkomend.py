"""The course of each buurt and its surroundings over the quarters: new, growing, fading, or only now and then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import psycopg
from scipy.stats import binom

from analysis.emerging import MIN_PERIODS, classify
from analysis.local import benjamini_hochberg, getis_ord
from analysis.neighbours import contiguity
from analysis.rates import empirical_bayes
from geo_service.domain.cijfers import SMALL_DENOMINATOR
from geo_service.domain.perioden import Periode, bereik, perioden_tussen
from geo_service.jobs.analyse import kaartjes
from geo_service.jobs.analyse.parameters import Opkomend
from geo_service.jobs.analyse.reeksen import Bools, Floats, Lezer, Reeks
from geo_service.jobs.analyse.vondsten import (
    GEEN_MELDINGEN,
    GEEN_NOEMERS,
    GEEN_PLEKKEN,
    Cel,
    Drempels,
    Uitkomst,
    Vlakken,
    Vondst,
    Vorm,
    denominators,
    load_vlakken,
)  # fmt: skip
from geo_service.release.cijfers import ALLES
from geo_service.release.noemers import Noemers
from geo_service.release.perioden import covered_span

KLASSEN = {
    "new": "nieuw",
    "consecutive": "aanhoudend",
    "intensifying": "stijgend",
    "persistent": "blijvend",
    "diminishing": "dalend",
    "sporadic": "wisselend",
    "oscillating": "omgeslagen",
    "historical": "voorheen",
}
COLD = "cold_"
# A fall of what is cold is a rise of how cold it is: the class says which way the figure itself goes.
TURNED = {"intensifying": "dalend", "diminishing": "stijgend"}


@dataclass(frozen=True, eq=False)
class Vraag:
    """One question. links: which buurten touch (n, n)."""

    lezer: Lezer
    periode: Periode
    vlakken: Vlakken
    drempels: Drempels
    noemers: Noemers
    getekend: Bools
    links: Any
    parameters: Opkomend


def find(connection: psycopg.Connection, lezer: Lezer, periode: Periode, parameters: Opkomend) -> Uitkomst:
    """A class per buurt, over all reports and per head category; buurten without a pattern give nothing."""
    kader = lezer.kader
    peiljaar = kader.peiljaar(periode)
    kwartalen = released_quarters(lezer, periode)[-parameters.kwartalen :]
    reeksen = {code: reeks.since_break().trimmed() for code, reeks in lezer.reeksen(kwartalen, peiljaar).items()}
    reason = _why_not(reeksen, kader.noemers[periode.van.year])
    if reason is not None:
        return Uitkomst(reden=reason)
    vraag = _make(connection, lezer, periode, parameters)
    vondsten: list[Vondst] = []
    kept: dict[str, Any] = {}
    for categorie, reeks in reeksen.items():
        found, kept[categorie] = _classify(vraag, categorie, reeks)
        vondsten += found
    return Uitkomst(vondsten, kept)


def released_quarters(lezer: Lezer, periode: Periode) -> list[Periode]:
    """Quarters that end within the period and are old enough to be released, oldest first.

    Those are all up to the newest that was: which of the older ones were decided so far makes no difference.
    """
    kader = lezer.kader
    span = covered_span(kader.gemeente, kader.bron.naam)
    released = [
        row["tot"]
        for row in kader.gemeente.vrijgaven
        if row["bron"] == kader.bron.naam and row["soort"] == "kwartaal" and row["tot"] <= periode.tot
    ]
    return perioden_tussen(span[0], max(released), "kwartaal") if span and released else []


def _why_not(reeksen: dict[str, Reeks], noemers: Noemers) -> str | None:
    if len(reeksen[ALLES].perioden) < MIN_PERIODS:
        return "Er zijn te weinig vrijgegeven kwartalen sinds de laatste trendbreuk om een verloop te zien."
    if not reeksen[ALLES].aantal.any():
        return GEEN_MELDINGEN
    if not reeksen[ALLES].plekken.any():
        return GEEN_PLEKKEN
    return None if noemers.waarden else GEEN_NOEMERS


def _make(connection: psycopg.Connection, lezer: Lezer, periode: Periode, parameters: Opkomend) -> Vraag:
    kader = lezer.kader
    peiljaar = kader.peiljaar(periode)
    vlakken = load_vlakken(connection, kader, peiljaar)
    getekend = np.array([buurt in vlakken.polygonen for buurt in lezer.buurten(peiljaar)], dtype=np.bool_)
    links = contiguity([vlakken.polygonen[buurt] for buurt in lezer.buurten(peiljaar) if buurt in vlakken.polygonen])
    noemers = kader.noemers[periode.van.year]
    return Vraag(lezer, periode, vlakken, Drempels(connection, kader), noemers, getekend, links, parameters)


def _classify(vraag: Vraag, categorie: str, reeks: Reeks) -> tuple[list[Vondst], dict[str, Any]]:
    rates = quarterly_rates(reeks, denominators(vraag.noemers, reeks.buurten))[vraag.getekend]
    scores = getis_ord(rates, vraag.links)
    result = classify(scores.z, alpha=vraag.parameters.alpha)
    chance = chance_of_pattern(scores.z, scores.p, vraag.parameters.alpha)
    index = np.flatnonzero(vraag.getekend)
    last = reeks.plekken[index, -1]
    busy = vraag.links @ last + last >= vraag.parameters.min_places
    found = []
    for row, klasse in enumerate(map(klasse_of, result.label)):
        if klasse is None or chance[row] > vraag.parameters.alpha:
            continue
        if busy[row] or not klasse.endswith("-hoog"):
            found.append(_make_vondst(vraag, categorie, reeks, int(index[row]), (klasse, float(chance[row]))))
    kept = {"van": reeks.perioden[0].code, "tot": reeks.perioden[-1].code, "uitleg": result.uitleg}
    return [vondst for vondst in found if vondst.vormen], kept


def chance_of_pattern(z: Floats, p: Floats, alpha: float) -> Floats:
    """Chance (n,) that a buurt stands out as it does without any pattern, adjusted for looking at all of them.

    Three looks at each: is the last quarter extreme, is it high more often, is it low more often than chance makes a
    quarter high or low. z, p: (n, quarters). 1 where the last quarter is not known: a buurt that the source no longer covers has no
    present to speak of. Adjusted by Bonferroni over
    the looks and by Benjamini and Hochberg (1995) over the buurten.
    """
    known = (~np.isnan(p)).sum(axis=1)
    looks = [p[:, -1]]
    for side in (1, -1):
        times = ((p <= alpha) & (side * z > 0)).sum(axis=1)
        looks.append(binom.sf(times - 1, known, alpha / 2))
    smallest = np.minimum(len(looks) * np.nanmin(looks, axis=0), 1.0)
    smallest[np.isnan(p[:, -1])] = np.nan
    adjusted: Floats = benjamini_hochberg(smallest)
    return np.where(np.isnan(adjusted), 1.0, adjusted)


def quarterly_rates(reeks: Reeks, dwellings: Floats) -> Floats:
    """Empirical-Bayes rates (buurten, quarters) of distinct places; NaN where the source does not cover, and for a
    buurt too small to have a rate."""
    rates: Floats = np.full(reeks.plekken.shape, np.nan)
    for column in range(rates.shape[1]):
        known = reeks.gedekt[:, column] & (dwellings >= SMALL_DENOMINATOR)
        population = np.where(known, dwellings * reeks.dekking[:, column], 0.0)
        events = np.where(known, reeks.plekken[:, column], 0.0)
        rates[:, column] = empirical_bayes(events, population, covered=known).rate
    return rates


def klasse_of(label: str) -> str | None:
    """The Dutch class of a label of analysis.emerging; None without a pattern."""
    cold = label.startswith(COLD)
    soort = label.removeprefix(COLD)
    if soort not in KLASSEN:
        return None
    return f"{TURNED.get(soort, KLASSEN[soort])}-laag" if cold else f"{KLASSEN[soort]}-hoog"


def _make_vondst(vraag: Vraag, categorie: str, reeks: Reeks, row: int, seen: tuple[str, float]) -> Vondst:
    """A class leaves only where the cell of its last quarter is published. It carries no count: it is about a course.

    seen: the class and its chance.
    """
    kader, buurt = vraag.lezer.kader, reeks.buurten[row]
    compared = bereik(reeks.perioden[0].van, reeks.perioden[-1].tot)
    bekend = kaartjes.Bekend(
        compared,
        deels=bool((reeks.dekking < 1).any()),
        breuken=reeks.breuken([buurt]),
        vanaf_breuk=True,
        plekken_soort=reeks.plekken_soort,
        noemer=(vraag.noemers.soort, vraag.noemers.jaar or vraag.periode.van.year),
    )
    cel = Cel(buurt, reeks.perioden[-1], int(reeks.aantal[row, -1]))
    area = vraag.vlakken.polygonen[buurt]
    vormen = {table: Vorm(area) for table in vraag.drempels.tables if vraag.drempels.is_open(table, categorie, cel)}
    kaartje = kaartjes.verloop((categorie, kader.categorieen[categorie]), seen[0], bekend)
    stadsdeel = vraag.vlakken.stadsdeel([buurt])
    return Vondst(categorie, seen[0], [buurt], stadsdeel, kaartje, vormen, compared.van, compared.tot, seen[1])
