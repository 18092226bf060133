"""Made-up voorliggende voorzieningen of the kinds that a town has, and a few sensitive ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from data.demo.frames import days, lines, numbered, texts
from data.demo.stad import Stad

_SINCE = date(2018, 1, 1)


@dataclass(frozen=True)
class Soort:
    """A kind of voorziening: how many there are, who runs it, for whom, and how far it reaches."""

    type: str
    naam: str
    aantal: int
    aanbieder_soort: str
    leefgebied: str
    doelgroep: str
    bereik: str
    capaciteit: float = np.nan


_SOCIAL = "Welzijn/Recreatie/vrije tijd"
_CARE = "Zorg/Hulpverlening"

SOORTEN = (
    Soort("speeltuin", "Speeltuin", 96, "vereniging", _SOCIAL, "kinderen en ouders", "buurt"),
    Soort("sportvereniging", "Sportvereniging", 92, "vereniging", _SOCIAL, "iedereen", "stad", 200),
    Soort("huiskamer", "Huiskamer", 70, "informeel", _SOCIAL, "buurtbewoners", "buurt", 25),
    Soort("ontmoeting", "Ontmoetingsplek", 62, "informeel", _SOCIAL, "ouderen", "buurt", 30),
    Soort("inloop", "Inloop", 58, "groot", _CARE, "iedereen", "stadsdeel", 20),
    Soort("buurthuis", "Buurthuis", 48, "groot", _SOCIAL, "buurtbewoners", "buurt", 80),
    Soort("moestuin", "Moestuin", 44, "informeel", _SOCIAL, "buurtbewoners", "buurt", 30),
    Soort(
        "formulierenbrigade",
        "Formulierenbrigade",
        27,
        "groot",
        "Werk en Inkomen",
        "iedereen",
        "stadsdeel",
        12,
    ),
    Soort("wijkcentrum", "Wijkcentrum", 21, "groot", _SOCIAL, "iedereen", "stadsdeel", 150),
    Soort("kinderboerderij", "Kinderboerderij", 9, "vereniging", _SOCIAL, "kinderen en ouders", "stad", 120),
)

# Sensitive ones per stadsdeel; the numbers of doorstroomwoningen are those the municipality reported.
_SHELTERS = (
    (
        Soort("doorstroomwoning", "Doorstroomwoning", 6, "groot", "Wonen", "op verwijzing", "stad", 4),
        {"west": 2, "noord": 2, "zuid": 1, "oost": 1},
    ),
    (Soort("opvang", "Opvang", 1, "groot", _CARE, "op verwijzing", "stad", 20), {"centrum": 1}),
    (Soort("vrouwenopvang", "Vrouwenopvang", 1, "groot", _CARE, "op verwijzing", "stad", 12), {"oost": 1}),
    (Soort("crisisopvang", "Crisisopvang", 1, "groot", _CARE, "op verwijzing", "stad", 6), {"zuid": 1}),
)
_SENSITIVE = frozenset(soort.type for soort, _ in _SHELTERS)


def build_voorzieningen(rng: np.random.Generator, stad: Stad, *, scale: float) -> pd.DataFrame:
    """Return the voorzieningen with the columns of the record contract; the sensitive ones last."""
    people = stad.feiten["inwoners"].to_numpy(float) + 150
    kinds, places = [], []
    for soort in SOORTEN:
        number = max(round(soort.aantal * scale), 1)
        kinds += [soort] * number
        places.append(rng.choice(len(people), number, p=people / people.sum()))
    for soort, per_stadsdeel in _SHELTERS:
        for stadsdeel, number in per_stadsdeel.items():
            inside = np.flatnonzero((stad.feiten["stadsdeel"] == stadsdeel) & (stad.feiten["inwoners"] > 1000))
            kinds += [soort] * number
            places.append(rng.choice(inside, number))
    return _as_records(rng, stad, kinds, np.concatenate(places))


def _as_records(rng: np.random.Generator, stad: Stad, kinds: list[Soort], buurt: np.ndarray) -> pd.DataFrame:
    n = len(kinds)
    xy = stad.straten.sample(rng, buurt)
    namen = stad.feiten["naam"].to_numpy(object)[buurt]
    secret = np.array([soort.type in _SENSITIVE for soort in kinds])
    closed = (rng.random(n) < 0.03) & ~secret
    unsure = (rng.random(n) < 0.04) & ~secret
    without_referral = [None if doubt else not hidden for doubt, hidden in zip(unsure, secret, strict=True)]
    return pd.DataFrame(
        {
            "line": lines(n),
            "sleutel": numbered("VZ-", n),
            "naam": texts(
                _name(soort, naam, index) for index, (soort, naam) in enumerate(zip(kinds, namen, strict=True))
            ),
            "type": texts(soort.type for soort in kinds),
            "aanbieder": texts(_provider(soort, naam) for soort, naam in zip(kinds, namen, strict=True)),
            "aanbieder_soort": texts(soort.aanbieder_soort for soort in kinds),
            "lijn": texts("2e_lijn" if hidden else "0e_lijn" for hidden in secret),
            "leefgebied": texts(soort.leefgebied for soort in kinds),
            "doelgroep": texts(soort.doelgroep for soort in kinds),
            "openingstijden": texts(None if hidden else _hours(index) for index, hidden in enumerate(secret)),
            "capaciteit": np.array([soort.capaciteit for soort in kinds], dtype=float),
            "bereik": texts(soort.bereik for soort in kinds),
            "geldig_van": days([_SINCE] * n),
            "geldig_tot": days(date(stad.until.year - 1, 12, 31) if ended else None for ended in closed),
            "x": xy[:, 0],
            "y": xy[:, 1],
            "zonder_verwijzing": texts(without_referral),
            "gevoelig": secret,
        }
    )


def _name(soort: Soort, buurt_naam: str, index: int) -> str:
    return f"{soort.naam} {buurt_naam} {index + 1}"


def _provider(soort: Soort, buurt_naam: str) -> str:
    if soort.aanbieder_soort == "groot":
        return "Voorbeeld Welzijn"
    return f"Vereniging {buurt_naam}" if soort.aanbieder_soort == "vereniging" else f"Bewoners {buurt_naam}"


def _hours(index: int) -> str:
    return ("ma-vr 9.00-17.00", "di en do 13.30-16.30", "wo en za 10.00-16.00", "dagelijks 8.00-20.00")[index % 4]
