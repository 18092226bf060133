"""A figure and its status: the rules that decide what a count may say."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from scipy.special import gammaincinv

SMALL_DENOMINATOR = 100


class Status(StrEnum):
    OK = "ok"
    ONDERDRUKT = "onderdrukt"
    NIET_GEDEKT = "niet_gedekt"
    ONBETROUWBAAR = "onbetrouwbaar"
    ONTBREEKT = "ontbreekt"


@dataclass(frozen=True, slots=True)
class Cijfer:
    """A count with its rate per 1 000 and a 95 % interval; every value is None unless status is ok or onbetrouwbaar."""

    aantal: int | None
    noemer: float | None
    per_1000: float | None
    laag: float | None
    hoog: float | None
    status: Status
    dekking: float


@lru_cache(maxsize=65_536)
def poisson_interval(aantal: int) -> tuple[float, float]:
    """Exact 95 % interval of a Poisson mean (Garwood 1936), in counts."""
    low = 0.0 if aantal == 0 else float(gammaincinv(aantal, 0.025))
    return low, float(gammaincinv(aantal + 1, 0.975))


def below_threshold(aantal: int, drempel: int) -> bool:
    """Whether a count is too small to show. A true, covered 0 is a fact and is shown."""
    return 0 < aantal < drempel


def make_cijfer(aantal: int, *, noemer: float | None, dekking: float, drempel: int) -> Cijfer:
    """Judge one count.

    noemer: dwellings, inhabitants or households; None when the publisher gave none (no rate then).
    dekking: share (0-1) of buurt × day that the source covers. drempel: smallest count to show; 0 shows all.
    Rates are per 1 000 of the denominator and per period, not annualised and not scaled up for missing coverage.
    """
    if dekking <= 0:
        return Cijfer(None, noemer, None, None, None, Status.NIET_GEDEKT, 0.0)
    if below_threshold(aantal, drempel):
        return Cijfer(None, noemer, None, None, None, Status.ONDERDRUKT, dekking)
    if not noemer or noemer <= 0:
        status = Status.OK if dekking >= 1 else Status.ONBETROUWBAAR
        return Cijfer(aantal, None, None, None, None, status, dekking)
    rate = aantal / noemer * 1000
    low, high = (bound / noemer * 1000 for bound in poisson_interval(aantal))
    shaky = (aantal > 0 and high - low > rate) or noemer < SMALL_DENOMINATOR or dekking < 1
    status = Status.ONBETROUWBAAR if shaky else Status.OK
    return Cijfer(aantal, noemer, rate, low, high, status, dekking)
