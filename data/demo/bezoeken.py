"""Nine wijkwijzers and the visits to them."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from data.demo.feiten import need_index
from data.demo.frames import days, lines, numbered, texts
from data.demo.stad import Stad

_PER_YEAR = 7200
_ORIGIN_KNOWN = 0.62
_FROM_ELSEWHERE = 0.15
_OPENED = date(2018, 1, 1)

_KANAAL = {"fysiek": 0.58, "telefonisch": 0.27, "digitaal": 0.13, "onbekend": 0.02}
_THEMA = {
    "geld en schulden": 0.24,
    "formulieren": 0.2,
    "wonen": 0.16,
    "zorg en gezondheid": 0.13,
    "eenzaamheid en ontmoeten": 0.1,
    "werk en inkomen": 0.09,
    "opvoeden en gezin": 0.05,
    "buren en overlast": 0.03,
}
_UITKOMST = {"beantwoord": 0.47, "0e_lijn": 0.24, "1e_lijn": 0.2, "2e_lijn": 0.05, "onbekend": 0.04}
_OPEN = ("ma-vr 9.00-12.00", "ma, wo, vr 9.00-12.30", "di en do 13.00-16.30; wo 9.00-12.00")


def build_wijkwijzers(rng: np.random.Generator, stad: Stad) -> pd.DataFrame:
    """Return the nine wijkwijzers, each in the most populous buurt of its wijkteam area."""
    teams = stad.team_buurten()
    homes = np.array([stad.busiest_buurt(buurten) for buurten in teams.values()])
    xy = stad.straten.sample(rng, homes)
    n = len(teams)
    partners = ["wijkteam", "wijkagent", "woningcorporatie", "formulierenbrigade", "buurtbemiddeling"]
    return pd.DataFrame(
        {
            "line": lines(n),
            "sleutel": numbered("WW-", n, 2),
            "naam": texts(f"Wijkwijzer {team}" for team in teams),
            "adres": texts(f"Voorbeeldstraat {number}" for number in rng.integers(1, 90, n)),
            "openingstijden": texts(_OPEN[number % len(_OPEN)] for number in range(n)),
            "partners": texts("; ".join(partners[: 3 + number % 3]) for number in range(n)),
            "x": xy[:, 0],
            "y": xy[:, 1],
            "geldig_van": days([_OPENED] * n),
            "geldig_tot": days([None] * n),
        }
    )


def build_bezoeken(rng: np.random.Generator, stad: Stad, wijkwijzers: pd.DataFrame, *, scale: float) -> pd.DataFrame:
    """Return visits on working days; the origin is often unknown and sometimes lies in another area."""
    weekdays = stad.days[stad.days.day_of_week < 5]
    n = int(rng.poisson(_PER_YEAR * scale * len(stad.days) / 365.25))
    people = stad.feiten["inwoners"].to_numpy(float) * np.exp(0.3 * need_index(stad.feiten))
    origin = rng.choice(len(people), n, p=people / people.sum())
    teams = list(stad.team_buurten())
    own = stad.feiten["wijkteam"].map({team: index for index, team in enumerate(teams)}).to_numpy()[origin]
    elsewhere = rng.random(n) < _FROM_ELSEWHERE
    visited = np.where(elsewhere, (own + rng.integers(1, len(teams), n)) % len(teams), own)
    codes = stad.feiten["code"].to_numpy(object)[origin]
    codes[rng.random(n) >= _ORIGIN_KNOWN] = None
    datum = np.sort(rng.choice(weekdays.to_numpy(), n))
    return pd.DataFrame(
        {
            "line": lines(n),
            "sleutel": numbered("BZ-", n, 6),
            "wijkwijzer": texts(wijkwijzers["sleutel"].to_numpy(object)[visited]),
            "datum": pd.Series(datum).astype("datetime64[s]"),
            "kanaal": _pick(rng, _KANAAL, n),
            "thema": _pick(rng, _THEMA, n),
            "herkomst_buurt_code": texts(codes),
            "uitkomst": _pick(rng, _UITKOMST, n),
        }
    )


def _pick(rng: np.random.Generator, shares: dict[str, float], n: int) -> pd.Series:
    return texts(rng.choice(np.array(list(shares)), n, p=np.array(list(shares.values()))).tolist())
