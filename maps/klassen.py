"""Class breaks of a choropleth: quantiles that survive few, equal and skewed values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Ever darker from yellow to blue: readable with every common colour-vision deficiency and in grey.
PALET = ("#f6efb5", "#a9d8b0", "#4db3c0", "#2a78b0", "#223a86")
_KLEUREN = {0: (), 1: (2,), 2: (1, 3), 3: (0, 2, 4), 4: (0, 1, 3, 4), 5: (0, 1, 2, 3, 4)}
MAX_KLASSEN = 5
ENOUGH = 8


@dataclass(frozen=True, slots=True)
class Klasse:
    """One class. laag, hoog: smallest and largest shown value inside; n: number of areas; kleur: #rrggbb."""

    nummer: int
    laag: float
    hoog: float
    n: int
    kleur: str


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
