"""The verdict on an action: five outcomes, and "niet vast te stellen" is one of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import ndtri

from analysis.arrays import Floats
from analysis.displacement.wdd import LEVEL, WddResult, small_count_test
from analysis.wording import procent

Kind = Literal["verplaatst", "uitgestraald", "afgenomen", "niet veranderd", "niet vast te stellen"]
Reason = Literal[
    "", "niet gedekt", "trendbreuk", "toegenomen", "verschuiving onbekend", "te onzeker", "te kort", "verborgen",
    "geen vergelijking",
]  # fmt: skip
SMALL_COUNT = 10

_SENTENCES: dict[tuple[Kind, Reason], str] = {
    ("verplaatst", ""): (
        "Minder meldingen hier, meer er omheen: de meldingen zijn geheel of voor een deel verplaatst; waarom, zegt "
        "dit niet."
    ),
    ("uitgestraald", ""): (
        "Minder meldingen hier, en ook minder er omheen: de daling straalt uit naar de omgeving; dat de aanpak de "
        "oorzaak is, staat daarmee niet vast."
    ),
    ("afgenomen", ""): (
        "Minder meldingen hier, en ook minder als de omgeving wordt meegeteld; dat de aanpak de oorzaak is, staat "
        "daarmee niet vast."
    ),
    ("niet vast te stellen", "niet gedekt"): (
        "Niet vast te stellen: een gebied is in een van de perioden niet gedekt door de bron, en geen gegevens is "
        "iets anders dan geen meldingen."
    ),
    ("niet vast te stellen", "trendbreuk"): (
        "Niet vast te stellen: tussen de twee perioden veranderde de manier van registreren, dus een verschil kan "
        "ook daardoor komen."
    ),
    ("niet vast te stellen", "toegenomen"): (
        "Er kwamen hier juist meer meldingen dan verwacht; of er meer overlast is of dat mensen door de aanpak "
        "vaker melden, is niet vast te stellen."
    ),
    ("niet vast te stellen", "verschuiving onbekend"): (
        "Minder meldingen hier, maar of ze er omheen zijn toegenomen of ook afgenomen is niet vast te stellen."
    ),
    ("niet vast te stellen", "te kort"): (
        "Niet vast te stellen: er zijn te weinig hele perioden met gegevens van zowel voor als na het begin."
    ),
    ("niet vast te stellen", "verborgen"): (
        "Niet vast te stellen: van de gebieden met de aanpak mag u niet alle cijfers zien, en met verborgen cijfers "
        "rekenen wij niet."
    ),
    ("niet vast te stellen", "geen vergelijking"): (
        "Niet vast te stellen: er zijn geen gebieden om mee te vergelijken, dus wat er zonder de aanpak was gebeurd "
        "is niet bekend."
    ),
    ("niet vast te stellen", "te onzeker"): (
        "Niet vast te stellen: met deze aantallen meldingen past het verschil zowel bij een verandering als bij toeval."
    ),
}
_NOT_LOOKED_AROUND = (
    "Minder meldingen hier dan verwacht; naar de omgeving is niet gekeken, dus of meldingen zijn verschoven is "
    "niet bekend."
)


@dataclass(frozen=True)
class Verdict:
    """`kind`: the outcome; `reason`: why it is not to be established, else ""; `margin`: see verdict."""

    kind: Kind
    reason: Reason
    margin: float
    uitleg: str
    parameters: Mapping[str, object]

    def __str__(self) -> str:
        return self.kind


def verdict(
    wdd_result: WddResult, *, margin: float = 0.2, trend_break: bool = False, shared_break: bool = False
) -> Verdict:
    """Judge an action, at 95 %: a part is down or up when its 95 % interval leaves 0 out.

    In this order: local down, displacement up: verplaatst; both down: uitgestraald; local and total down:
    afgenomen; local and displacement each shown to be less than `margin` away from what was expected:
    niet veranderd; else niet vast te stellen. Without displacement arms local alone decides.
    margin: share (0-1) of the *expected* count after the action, of the treated areas and of their surroundings
    each by itself; expected = count before plus the change of the control. Shown by two one-sided tests at 5 %
    in which the expected count has its own error.
    A rise of the local part is "niet vast te stellen" with reason "toegenomen": an action draws attention, and
    attention brings reports, so a rise says nothing about the problem.
    Few reports: when one of the four counts of a part is below SMALL_COUNT, small_count_test must agree.
    trend_break: the way of registering changed between before and after: niet vast te stellen, unless
    shared_break says that all arms changed along. Even so a difference of counts then depends on their sizes:
    every part must also hold as a share (small_count_test), and niet veranderd is not concluded.
    """
    if not 0 < margin < 1:
        raise ValueError(f"margin must lie between 0 and 1, got {margin}")
    kind, reason = _decide(wdd_result, margin, trend_break, shared_break)
    parameters = {
        "margin": margin,
        "level": LEVEL,
        "small_count": SMALL_COUNT,
        "trend_break": trend_break,
        "shared_break": shared_break,
    }
    return Verdict(kind, reason, margin, _explain(kind, reason, margin, len(wdd_result.counts)), parameters)


def not_established(reason: Reason, *, margin: float = 0.2) -> Verdict:
    """Return the verdict where nothing could be compared: niet vast te stellen, and why."""
    return Verdict(
        "niet vast te stellen", reason, margin, _SENTENCES["niet vast te stellen", reason], {"margin": margin}
    )


def _decide(result: WddResult, margin: float, trend_break: bool, shared_break: bool) -> tuple[Kind, Reason]:
    if not all(before and after for before, after in result.covered):
        return "niet vast te stellen", "niet gedekt"
    if trend_break and not shared_break:
        return "niet vast te stellen", "trendbreuk"
    counts = np.array(result.counts)
    looked_around = len(counts) == 4
    local = _direction(result.local.interval, counts[:2], as_share=trend_break)
    around = _direction(result.displacement.interval, counts[2:], as_share=trend_break) if looked_around else 0
    pooled = counts.reshape(-1, 2, 2).sum(axis=0)
    total = _direction(result.interval, pooled, as_share=trend_break)
    if local < 0 and around > 0:
        return "verplaatst", ""
    if local < 0 and around < 0:
        return "uitgestraald", ""
    if local < 0 and total < 0:
        return "afgenomen", ""
    if not trend_break and _unchanged(counts, np.array(result.weights), margin):
        return "niet veranderd", ""
    if local:
        return "niet vast te stellen", "verschuiving onbekend" if local < 0 else "toegenomen"
    return "niet vast te stellen", "te onzeker"


def _direction(interval: tuple[float, float], counts: Floats, *, as_share: bool) -> int:
    """Return -1, 0 or 1 for a part whose counts (control, treated) x (before, after) are given."""
    low, high = interval
    direction = int(low > 0) - int(high < 0)
    if direction and (as_share or counts.min() < SMALL_COUNT):
        control, treated = counts
        share = math.copysign(1, treated[1] * control[0] - treated[0] * control[1])
        if share != direction or small_count_test(control, treated) > 1 - LEVEL:
            return 0
    return direction


def _unchanged(counts: Floats, weights: Floats, margin: float) -> bool:
    """Tell whether every part is shown to lie within its margin: 1 - margin < after / expected < 1 + margin."""
    critical = float(ndtri(LEVEL))
    for arms in range(0, len(counts), 2):
        (control, treated), (control_size, treated_size) = counts[arms : arms + 2], weights[arms : arms + 2]
        # Each test is a weighted sum of Poisson counts: after - bound * (before + change of the control).
        change, spread = control / control_size, control / control_size**2
        before, after = treated / treated_size
        expected = before + change[1] - change[0]
        spread_expected = treated[0] / treated_size[0] ** 2 + spread.sum()
        for bound, sign in ((1 - margin, 1), (1 + margin, -1)):
            se = math.sqrt(treated[1] / treated_size[1] ** 2 + bound**2 * spread_expected)
            if not sign * (after - bound * expected) > critical * se:
                return False
    return True


def _explain(kind: Kind, reason: Reason, margin: float, n_arms: int) -> str:
    if kind == "niet veranderd":
        where = "Hier en er omheen" if n_arms == 4 else "Hier"
        around = "" if n_arms == 4 else "; naar de omgeving is niet gekeken"
        return f"{where} wijkt het aantal meldingen minder dan {procent(margin)} af van wat verwacht werd{around}."
    if kind == "afgenomen" and n_arms == 2:
        return _NOT_LOOKED_AROUND
    return _SENTENCES[kind, reason]
