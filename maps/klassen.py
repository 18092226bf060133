"""Class breaks of a choropleth: fixed round ones for what is followed through time, quantiles for one period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Ever darker from yellow to blue: readable with every common colour-vision deficiency and in grey.
PALET = ("#f6efb5", "#a9d8b0", "#4db3c0", "#2a78b0", "#223a86")
_KLEUREN = {0: (), 1: (2,), 2: (1, 3), 3: (0, 2, 4), 4: (0, 1, 3, 4), 5: (0, 1, 2, 3, 4)}
MAX_KLASSEN = 5
ENOUGH = 8
# Numbers that read easily; what lies between two of them goes to the nearest.
ROND = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
# The same with more digits, for values that lie close together.
FIJN = (tuple(n / 10 for n in range(10, 101)), tuple(n / 100 for n in range(100, 1001)))
SMALLEST_GRENS = 0.01


@dataclass(frozen=True, slots=True)
class Klasse:
    """One class. laag, hoog: smallest and largest shown value inside; n: number of areas; kleur: #rrggbb."""

    nummer: int
    laag: float
    hoog: float
    n: int
    kleur: str


@dataclass(frozen=True, slots=True)
class VasteKlassen:
    """Breaks that stay the same. grenzen: rising upper bounds of all classes but the last; elk: for what they hold,
    as "elk kwartaal"."""

    grenzen: tuple[float, ...]
    elk: str


@dataclass(frozen=True, slots=True)
class Indeling:
    """Classes from low to high; grenzen holds the upper bound of every class but the last."""

    grenzen: tuple[float, ...]
    klassen: tuple[Klasse, ...]

    def klasse_van(self, value: float) -> Klasse:
        """The class a value falls in. Raises ValueError when there are no classes."""
        if not self.klassen:
            raise ValueError("geen klassen: er waren geen waarden")
        return self.klassen[int(np.searchsorted(self.grenzen, value, side="left"))]


def make_indeling(
    ok: Sequence[float], onbetrouwbaar: Sequence[float] = (), *, max_klassen: int = MAX_KLASSEN
) -> Indeling:
    """Quantile classes; zero has a class of its own, and unreliable values do not move the breaks.

    ok, onbetrouwbaar: finite values >= 0 as shown. Up to max_klassen distinct values each have their own class.
    With fewer than ENOUGH distinct reliable values above zero, all shown values make the classes: a map of one
    colour tells nothing. Without any value there are no classes.
    Raises ValueError for NaN, infinity and max_klassen outside 1..5.
    """
    if not 1 <= max_klassen <= MAX_KLASSEN:
        raise ValueError(f"max_klassen moet van 1 tot en met {MAX_KLASSEN} zijn: {max_klassen}")
    reliable = np.asarray(ok, dtype=float)
    everything = np.concatenate([reliable, np.asarray(onbetrouwbaar, dtype=float)])
    if not np.isfinite(everything).all():
        raise ValueError("klassen vragen eindige waarden")
    if not everything.size:
        return Indeling((), ())
    grenzen = _upper_bounds(reliable, everything, max_klassen)
    place = np.searchsorted(grenzen, everything, side="left")
    kleuren = [PALET[i] for i in _KLEUREN[len(grenzen) + 1]]
    klassen = []
    for nummer, kleur in enumerate(kleuren):
        inside = everything[place == nummer]
        klassen.append(Klasse(nummer + 1, float(inside.min()), float(inside.max()), int(inside.size), kleur))
    return Indeling(tuple(float(g) for g in grenzen), tuple(klassen))


def make_vaste_indeling(grenzen: Sequence[float], values: Sequence[float]) -> Indeling:
    """Classes of given breaks; a class without any value keeps its colour and its bounds.

    grenzen: rising upper bounds of all classes but the last, at most four. values: finite, >= 0, as shown.
    Raises ValueError for other breaks and values.
    """
    bounds, shown = np.asarray(grenzen, dtype=float), np.asarray(values, dtype=float)
    if bounds.size >= MAX_KLASSEN or (np.diff(bounds) <= 0).any() or not np.isfinite(bounds).all():
        raise ValueError(f"grenzen moeten eindig zijn en stijgen, en hooguit {MAX_KLASSEN - 1} zijn: {tuple(grenzen)}")
    if not np.isfinite(shown).all():
        raise ValueError("klassen vragen eindige waarden")
    place = np.searchsorted(bounds, shown, side="left")
    klassen = []
    for nummer, kleur in enumerate(PALET[i] for i in _KLEUREN[bounds.size + 1]):
        inside = shown[place == nummer]
        empty = (bounds[max(nummer - 1, 0)], bounds[min(nummer, bounds.size - 1)]) if bounds.size else (0.0, 0.0)
        low, high = (inside.min(), inside.max()) if inside.size else empty
        klassen.append(Klasse(nummer + 1, float(low), float(high), int(inside.size), kleur))
    return Indeling(tuple(map(float, bounds)), tuple(klassen))


def ronde_grenzen(values: Sequence[float], *, geheel: bool = False) -> tuple[float, ...]:
    """Four round breaks that part a whole series in five about equal groups; fewer when values are few or equal.

    values: finite, >= 0; zeros take no part. geheel: whole numbers only. Rounded as coarsely as keeps the breaks apart,
    so that a little new data seldom moves them; the order of the values does not matter.
    """
    found = np.asarray(values, dtype=float)
    if not np.isfinite(found).all():
        raise ValueError("klassen vragen eindige waarden")
    bounds = _quantiles(found[found > 0], MAX_KLASSEN) if (found > 0).any() else np.array([])
    rounded: tuple[float, ...] = ()
    for steps in (ROND, *FIJN):
        rounded = tuple(sorted({_round_to(float(bound), steps, geheel=geheel) for bound in bounds}))
        if len(rounded) == bounds.size:
            break
    return rounded


def _round_to(value: float, steps: Sequence[float], *, geheel: bool) -> float:
    """The nearest of the steps times a power of ten."""
    power = 10.0 ** np.floor(np.log10(value))
    nearest = min(steps, key=lambda step: (abs(step * power - value), step)) * power
    if geheel:
        return float(max(1.0, np.floor(nearest + 0.5)))
    # Figures below 1 are shown with two decimals.
    return float(max(SMALLEST_GRENS, round(nearest, 2)))


def _upper_bounds(reliable: np.ndarray, everything: np.ndarray, max_klassen: int) -> np.ndarray:
    """Upper bounds of all classes but the last; each is a value that occurs, so that no class is empty."""
    above = reliable[reliable > 0]
    if np.unique(above).size < ENOUGH:
        above = everything[everything > 0]
    if not above.size or max_klassen == 1:
        return np.array([])
    zero = np.array([0.0]) if (everything == 0).any() else np.array([])
    return np.concatenate([zero, _quantiles(above, max_klassen - zero.size)])


def _quantiles(values: np.ndarray, n_klassen: int) -> np.ndarray:
    distinct = np.unique(values)
    if distinct.size <= n_klassen:
        return distinct[:-1]
    shares = np.arange(1, n_klassen) / n_klassen
    bounds = np.unique(np.quantile(values, shares, method="inverted_cdf"))
    return bounds[bounds < distinct[-1]]
