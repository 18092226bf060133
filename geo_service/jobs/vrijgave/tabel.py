"""The counts of one source as a table with totals, in the shape that disclosure control works on.

What no published code counts (a report with a head category of its own, a visitor from elsewhere, a week across two
quarters) is a part of its total all the same: who subtracts the parts learns it. It becomes a cell of its own, a rest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from geo_service.release.beoordeling import REACHABLE

ALLES = "alle"
SLEUTEL = ["gebied_code", "categorie", "periode"]
Cel = tuple[str, ...]
Cellen = dict[Cel, int]
Delen = Mapping[str, Sequence[str]]
Leden = Mapping[str, Mapping[str, frozenset[str]]]


@dataclass(frozen=True)
class Rooster:
    """Which sums the lattice of one source promises. gebieden, categorieen: maps from a total to its parts; each map
    divides the same things in one way."""

    gebieden: Sequence[Delen]
    categorieen: Sequence[Delen]

    @classmethod
    def of(
        cls, leden: Leden, fijnste_niveau: str | None, hoofd_van: Mapping[str, str], extra: Sequence[str]
    ) -> Rooster:
        """leden: per level and area its buurten. hoofd_van: per category of reports its head. extra: the categories of
        visits, that count the same visits by their first word."""
        levels = REACHABLE[fijnste_niveau or "buurt"]
        gebieden: list[Delen] = []
        for niveau in ("stadsdeel", "wijk", "wijkteamgebied"):
            if niveau in levels:
                if "buurt" in levels:
                    gebieden.append({code: sorted(buurten) for code, buurten in leden.get(niveau, {}).items()})
                if "gemeente" in levels and niveau != "wijkteamgebied":
                    gebieden += [{code: sorted(leden.get(niveau, {}))} for code in leden.get("gemeente", {})]
        if "buurt" in levels and not any(
            gemeente in delen for delen in gebieden for gemeente in leden.get("gemeente", {})
        ):
            gebieden.append({code: sorted(buurten) for code, buurten in leden.get("gemeente", {}).items()})
        categorieen = _visits(extra) if extra else _reports(hoofd_van)
        return cls([found for found in map(_with_parts, gebieden) if found], categorieen)

    @cached_property
    def kenmerk(self) -> str:
        """A hash of the shape."""
        told = repr([sorted((k, tuple(v)) for k, v in delen.items()) for delen in (*self.gebieden, *self.categorieen)])
        return hashlib.blake2b(told.encode(), digest_size=16).hexdigest()


def _reports(hoofd_van: Mapping[str, str]) -> list[Delen]:
    heads: dict[str, list[str]] = {}
    for code, hoofd in hoofd_van.items():
        heads.setdefault(hoofd, []).append(code)
    subs = {head: [code for code in codes if code != head] for head, codes in heads.items()}
    return [{ALLES: sorted(heads)} | _with_parts({head: sorted(codes) for head, codes in subs.items()})]


def _visits(categorieen: Sequence[str]) -> list[Delen]:
    kinds: dict[str, list[str]] = {}
    for code in sorted(categorieen):
        kinds.setdefault(code.partition("-")[0], []).append(code)
    return [{ALLES: codes} for codes in kinds.values()]


def _with_parts(delen: Delen) -> dict[str, Sequence[str]]:
    return {total: parts for total, parts in delen.items() if parts}


@dataclass(frozen=True)
class Tabel:
    """cellen: the counts, and after them the rests, that have nothing but a key and a count. hierarchies: as
    analysis.disclosure wants them."""

    cellen: pd.DataFrame
    hierarchies: dict[str, list[Delen]]


def make_tabel(counts: pd.DataFrame, rooster: Rooster, perioden: Delen | None = None) -> Tabel:
    """The table of one period, or of a year with its quarters; the rows of counts first, in their own order.

    counts: gebied_code, categorie, periode, count above 0, top1, top2. perioden: the year to its quarters.
    ValueError: a total below the sum of its parts.
    """
    keys = counts[SLEUTEL].itertuples(index=False, name=None)
    cells: Cellen = dict(zip(keys, counts["count"].tolist(), strict=True))
    n_own = len(cells)
    hierarchies: dict[str, list[Delen]] = {}
    for axis, (name, maps) in enumerate(
        zip(SLEUTEL, (rooster.gebieden, rooster.categorieen, [perioden or {}]), strict=True)
    ):
        own = [_fill_up(cells, axis, delen, f"rest-{number}") for number, delen in enumerate(maps)]
        hierarchies[name] = [*own, *_outside(cells, axis, own)]
    rest = pd.DataFrame([(*key, n) for key, n in list(cells.items())[n_own:]], columns=[*SLEUTEL, "count"])
    return Tabel(pd.concat([counts, rest], ignore_index=True) if len(rest) else counts, hierarchies)


def _fill_up(cells: Cellen, axis: int, delen: Delen, label: str) -> dict[str, list[str]]:
    """Add the cells that fill up each total of one division; returns the division with them, of what is there."""
    total_of = {part: total for total, parts in delen.items() for part in parts}
    sums: dict[Cel, int] = {}
    for key, n in cells.items():
        if key[axis] in total_of:
            above = _moved(key, axis, total_of[key[axis]])
            sums[above] = sums.get(above, 0) + n
    own = {total: list(parts) for total, parts in delen.items() if any(key[axis] == total for key in cells)}
    for key, n in [(key, n) for key, n in cells.items() if key[axis] in delen]:
        gap = n - sums.pop(key, 0)
        if gap < 0:
            raise ValueError(f"{SLEUTEL[axis]}: parts are more than their whole")
        if gap:
            code = f"{key[axis]}:{label}"
            cells[_moved(key, axis, code)] = gap
            if code not in own[key[axis]]:
                own[key[axis]].append(code)
    if sums:
        raise ValueError(f"{SLEUTEL[axis]}: parts without their whole")
    return own


def _outside(cells: Cellen, axis: int, maps: Sequence[Delen]) -> list[Delen]:
    """A code outside every sum, such as a buurt without a wijk, still has to be known where others add up."""
    named = {code for delen in maps for total, parts in delen.items() for code in (total, *parts)}
    lonely = sorted({key[axis] for key in cells} - named) if named else []
    return [{code: [f"{code}:deel"] for code in lonely}] if lonely else []


def _moved(key: Cel, axis: int, code: str) -> Cel:
    return (*key[:axis], code, *key[axis + 1 :])
