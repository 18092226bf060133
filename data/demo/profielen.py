"""The four synthetic sources: how much, about what, and when people report."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.demo.plan import BUURTBEMIDDELING, POLITIE, SIGNALEN, WOONOVERLAST


@dataclass(frozen=True)
class Profiel:
    """A source.

    per_year: reports a year over the whole municipality, before any planted effect. categorieen: (source
    category, our sub category, share). season: strength and day of the year of the peak. weekday: Monday to
    Sunday. peak_hours: (hour, spread, share). melder, adres: share of rows with such a key. with_point: False
    for rows that carry a buurt code only.
    """

    bron: str
    prefix: str
    per_year: float
    categorieen: tuple[tuple[str, str, float], ...]
    season: tuple[float, int]
    weekday: tuple[float, ...]
    peak_hours: tuple[tuple[float, float, float], ...]
    melder: float
    adres: float
    with_point: bool = True

    def hour_weights(self) -> np.ndarray:
        hours = np.arange(24) + 0.5
        weights = np.full(24, 0.01)
        for peak, spread, share in self.peak_hours:
            apart = np.minimum(np.abs(hours - peak), 24 - np.abs(hours - peak))
            weights = weights + share * np.exp(-0.5 * (apart / spread) ** 2)
        normed: np.ndarray = weights / weights.sum()
        return normed

    def shares(self) -> np.ndarray:
        shares = np.array([share for _, _, share in self.categorieen])
        normed: np.ndarray = shares / shares.sum()
        return normed


_OFFICE_WEEK = (1.25, 1.15, 1.1, 1.05, 1.0, 0.8, 0.65)
_WEEKEND = (0.8, 0.8, 0.85, 0.95, 1.25, 1.35, 1.0)
_EVENLY = (1.0,) * 7

PROFIELEN = (
    Profiel(
        SIGNALEN,
        "SOR",
        5000,
        (
            ("afval/container-bijplaatsing", "afval-dumping", 0.13),
            ("afval/veeg-zwerfvuil", "afval-zwerfafval", 0.13),
            ("afval/container-is-vol", "afval-containers", 0.08),
            ("overlast-in-de-openbare-ruimte/graffiti-wildplak", "openbare-ruimte-vandalisme", 0.08),
            (
                "wegen-verkeer-straatmeubilair/straatverlichting-openbare-klok",
                "openbare-ruimte-onveilig",
                0.08,
            ),
            ("wegen-verkeer-straatmeubilair/straatmeubilair", "openbare-ruimte-onderhoud", 0.14),
            ("overlast-in-de-openbare-ruimte/parkeeroverlast", "verkeer-parkeren", 0.12),
            ("wegen-verkeer-straatmeubilair/verkeersoverlast-verkeerssituaties", "verkeer-onveilig", 0.06),
            ("overlast-in-de-openbare-ruimte/hondenpoep", "dieren-honden", 0.06),
            ("openbaar-groen-en-water/boom", "groen-water-groen", 0.12),
        ),
        (0.22, 190),
        _OFFICE_WEEK,
        ((10.0, 2.5, 1.0), (19.0, 2.0, 0.6)),
        0.7,
        0.0,
    ),
    Profiel(
        WOONOVERLAST,
        "MWO",
        1700,
        (
            ("woonoverlast/geluid-buren", "wonen-geluid", 0.42),
            ("woonoverlast/burenruzie", "wonen-burenruzie", 0.22),
            ("woonoverlast/verwaarloosde-woning", "wonen-verkrotting", 0.08),
            ("woonoverlast/verward-gedrag", "personen-verward", 0.13),
            ("woonoverlast/drugs", "personen-drank-drugs", 0.08),
            ("woonoverlast/overig", "wonen-overig", 0.07),
        ),
        (0.15, 200),
        _EVENLY,
        ((21.0, 2.5, 1.0), (11.0, 3.0, 0.6)),
        0.95,
        1.0,
    ),
    Profiel(
        POLITIE,
        "POL",
        1800,
        (
            ("overlast/jeugd", "personen-jongeren", 0.36),
            ("overlast/drank-drugs", "personen-drank-drugs", 0.2),
            ("overlast/verward-persoon", "personen-verward", 0.16),
            ("overlast/zwervers", "personen-dakloos", 0.08),
            ("overlast/geluid-horeca", "geluid-horeca", 0.1),
            ("overlast/vuurwerk", "geluid-overig", 0.1),
        ),
        (0.2, 180),
        _WEEKEND,
        ((22.5, 2.5, 1.0), (16.0, 2.5, 0.4)),
        0.0,
        0.0,
    ),
    Profiel(
        BUURTBEMIDDELING,
        "BB",
        245,
        (
            ("conflict/geluid", "wonen-geluid", 0.45),
            ("conflict/tuin-erfgrens", "wonen-burenruzie", 0.3),
            ("conflict/pesten", "wonen-burenruzie", 0.15),
            ("conflict/overig", "wonen-overig", 0.1),
        ),
        (0.1, 200),
        (1.3, 1.2, 1.1, 1.1, 1.0, 0.05, 0.05),
        ((11.0, 2.5, 1.0),),
        1.0,
        1.0,
        with_point=False,
    ),
)
