"""The inner loops of the scan: every window of every zone, compiled.

Kept apart because importing numba takes most of a second. The kernels hold no lock and no state: threads may
run them at the same time.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from analysis.arrays import Bools, Floats, Ints
from analysis.scan.windows import Int32s

# Windows whose ratio differs by less count as equal, so that the order in which numbers were added plays no part.
EQUAL = 1e-9


@njit(cache=True, nogil=True, error_model="numpy")
def log_likelihood_ratio(cases: float, expected: float, total: float) -> float:
    """Return Kulldorff's ratio (1997) of a window against the rest; 0 where it holds no more than expected."""
    if cases <= expected or expected <= 0.0:
        return 0.0
    ratio: float = cases * np.log(cases / expected)
    if total > cases:
        ratio += (total - cases) * np.log((total - cases) / (total - expected))
    return ratio


@njit(cache=True, nogil=True, error_model="numpy")
def _may_exceed(cases: float, expected: float, ratio: float, per_outside: float) -> bool:
    """Tell, without logarithms and never wrongly with False, whether a window can exceed `ratio`.

    With x = cases - expected, E = expected: the part inside the window is at most x²(3E + x) / (E(6E + 4x)), from
    ln(1+u) ≤ u(6+u)/(6+4u), and the part outside at most x² / (total - E).
    """
    excess = cases - expected
    square = excess * excess
    inside = square * (3.0 * expected + excess)
    return inside > (ratio - square * per_outside) * expected * (6.0 * expected + 4.0 * excess)


@njit(cache=True, nogil=True, error_model="numpy")
def _add(target: Floats, values: Floats) -> None:
    # On rows of their own, from 0: only such loops become vector instructions.
    for column in range(target.size):
        target[column] += values[column]


@njit(cache=True, nogil=True, error_model="numpy")
def _best_of_any_start(
    cases: Floats, expected: Floats, longest: int, total: float, per_outside: float, best: float
) -> tuple[float, int, int]:
    """Return the best window (ratio, first, last) of one zone over every start and each length to `longest`."""
    first = last = 0
    for length in range(1, longest + 1):
        later_cases, later_expected = cases[length:], expected[length:]
        possible = False
        for start in range(later_cases.size):
            possible = possible | _may_exceed(
                later_cases[start] - cases[start], later_expected[start] - expected[start], best, per_outside
            )
        if possible:
            for start in range(later_cases.size):
                found = log_likelihood_ratio(
                    later_cases[start] - cases[start], later_expected[start] - expected[start], total
                )
                if found > best * (1.0 + EQUAL) + EQUAL:
                    best, first, last = found, start, start + length
    return best, first, last


@njit(cache=True, nogil=True, error_model="numpy")
def _best_from_zero(
    cases: Floats, expected: Floats, total: float, per_outside: float, best: float
) -> tuple[float, int, int]:
    """Return the best window (ratio, 0, last) of one zone over windows that begin in column 0."""
    last = 0
    possible = False
    for end in range(1, cases.size):
        possible = possible | _may_exceed(cases[end], expected[end], best, per_outside)
    if possible:
        for end in range(1, cases.size):
            found = log_likelihood_ratio(cases[end], expected[end], total)
            if found > best * (1.0 + EQUAL) + EQUAL:
                best, last = found, end
    return best, 0, last


@njit(cache=True, nogil=True, error_model="numpy")
def scan_windows(  # noqa: PLR0913 (compiled: arrays, not objects)
    cases: Floats,
    expected: Floats,
    members: Int32s,
    closes: Bools,
    offsets: Ints,
    longest: int,
    total: float,
    shared: bool,
) -> tuple[Floats, Ints]:
    """Return the best window of each centre: ratio (n,) and where (n, 3): index into members, first, last.

    cases, expected: (n, 1 + columns), cumulative over columns, first column 0. longest: most columns that a window
    spans, at any start; 0: only windows that begin in column 0.
    shared: a centre only counts where it exceeds the centres before it: quicker, for the best of all.
    """
    n, width = cases.shape
    ratio = np.zeros(n)
    where = np.zeros((n, 3), dtype=np.int64)
    zone_cases = np.empty(width)
    zone_expected = np.empty(width)
    best = 0.0
    for centre in range(n):
        zone_cases[:] = 0.0
        zone_expected[:] = 0.0
        if not shared:
            best = 0.0
        for index in range(offsets[centre], offsets[centre + 1]):
            member = members[index]
            _add(zone_cases, cases[member])
            _add(zone_expected, expected[member])
            if not closes[index]:
                continue
            per_outside = 1.0 / max(total - zone_expected[width - 1], EQUAL)
            if longest:
                found, first, last = _best_of_any_start(zone_cases, zone_expected, longest, total, per_outside, best)
            else:
                found, first, last = _best_from_zero(zone_cases, zone_expected, total, per_outside, best)
            if last > first:
                best = found
                ratio[centre] = found
                where[centre] = index, first, last
    return ratio, where
