"""Series of measurements as Markdown tables, and what was wanted of them."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bench.harness import BenchError


@dataclass(frozen=True)
class Series:
    """One table. values: per name, in `unit`; answers: bytes of each response body, per name.

    The last column but one tells how many times as fast `reference` is; in a unit per second more is faster.
    """

    title: str
    unit: str
    reference: str
    values: Mapping[str, Sequence[float]]
    answers: Mapping[str, Sequence[int]] = field(default_factory=dict)

    def median(self, name: str) -> float:
        values = self.values.get(name)
        if not values or min(values) <= 0:
            raise BenchError(f"{self.title}: nothing was measured for {name}")
        return statistics.median(values)

    def faster(self, name: str, other: str) -> float:
        """How many times as fast as `other` `name` is, by their medians."""
        ratio = self.median(name) / self.median(other)
        return ratio if self.unit.endswith("/s") else 1 / ratio

    def as_table(self) -> str:
        lines = [
            f"**{self.title}**",
            "",
            f"| | n | median {self.unit} | min–max {self.unit} | {self.reference} is × as fast | bytes per answer |",
            "|---|---:|---:|---:|---:|---:|",
        ]
        for name, values in self.values.items():
            ratio, middle = self.faster(self.reference, name), self.median(name)
            sizes = self.answers.get(name)
            size = f"{statistics.median(sizes):.0f}" if sizes else "–"
            extremes = f"{min(values):.1f}–{max(values):.1f}"
            lines.append(f"| {name} | {len(values)} | {middle:.1f} | {extremes} | {ratio:.2f} | {size} |")
        return "\n".join(lines)


@dataclass(frozen=True)
class Goal:
    """What was wanted: a measured number of at least `least`, or at most `most`."""

    text: str
    measured: float
    least: float | None = None
    most: float | None = None

    @property
    def met(self) -> bool:
        enough = self.least is None or self.measured >= self.least
        return enough and (self.most is None or self.measured <= self.most)


def goals_table(goals: Sequence[Goal]) -> str:
    lines = ["**Wanted**", "", "| | wanted | measured | met |", "|---|---:|---:|---|"]
    for goal in goals:
        wanted = f"≥ {goal.least:g}" if goal.least is not None else f"≤ {goal.most:g}"
        lines.append(f"| {goal.text} | {wanted} | {goal.measured:.2f} | {'yes' if goal.met else '**no**'} |")
    return "\n".join(lines)
