"""An outsider with a browser and patience: asks the public API, remembers every answer, and subtracts.

Knows what everyone may know: which areas, categories and periods add up to which; that a zero is shown, so that what is
hidden is at least 1; and, more than anyone is told, of each hidden cell that is no total whether it is below the
threshold. (Of totals that is not assumed: a small total of many parts that are not 0 could not be kept from someone who
knows that it is small. Nor, then, of a cell that is all there is of such a total.)
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.geo_service.api.website import Website, items_of
from tests.geo_service.support import rows

THRESHOLD = 10
# A guess in the middle is then never more than 2 beside the truth.
WITHIN_TWO = 4
# bron, niveau's area, categorie, periode
Cell = tuple[str, str, str, str]
Sum = tuple[Cell, tuple[Cell, ...]]


@dataclass(frozen=True)
class World:
    """What is there to ask about, and the truth about what is hidden (which the outsider never reads)."""

    gemeente: str
    areas: dict[str, list[str]]
    area_sums: list[tuple[str, tuple[str, ...]]]
    heads: dict[str, tuple[str, ...]]
    released: dict[str, list[str]]
    used: dict[str, list[str]]
    truth: dict[Cell, int]

    @classmethod
    def read(cls, url: str, gemeente: str) -> World:
        areas: dict[str, list[str]] = {}
        members: dict[tuple[str, str], set[str]] = {}
        query = "select niveau, gebied_code, buurt_code from publiek.indeling where gemeente_code = %s order by 1, 2, 3"
        for niveau, code, buurt in rows(url, query, gemeente):
            members.setdefault((niveau, code), set()).add(buurt)
        for niveau, code in members:
            areas.setdefault(niveau, []).append(code)
        sums = [(code, tuple(sorted(own))) for (niveau, code), own in members.items() if niveau != "buurt"]
        sums += [(gemeente, tuple(areas[niveau])) for niveau in ("wijk", "stadsdeel") if niveau in areas]
        heads: dict[str, set[str]] = {}
        for code, hoofd in rows(url, "select code, coalesce(hoofd, code) from publiek.categorie"):
            heads.setdefault(hoofd, set()).add(code)
        released: dict[str, list[str]] = {}
        for bron, periode in rows(
            url, "select bron, periode from publiek.vrijgave where gemeente_code = %s order by 1, 2", gemeente
        ):
            released.setdefault(bron, []).append(periode)
        used: dict[str, list[str]] = {}
        for bron, categorie in rows(
            url, "select distinct bron, categorie from intern.cijfer where gemeente_code = %s order by 1, 2", gemeente
        ):
            used.setdefault(bron, []).append(categorie)
        truth = {
            (bron, code, categorie, periode): n
            for bron, code, categorie, periode, n in rows(
                url,
                "select bron, gebied_code, categorie, periode, aantal from intern.cijfer "
                "where gemeente_code = %s and not openbaar",
                gemeente,
            )
        }
        subs = {head: tuple(sorted(codes - {head})) for head, codes in heads.items()}
        return cls(gemeente, areas, sums, subs, released, used, truth)

    def collection(self, bron: str) -> str:
        visits = any(code.startswith("kanaal-") for code in self.used[bron])
        return "bezoeken-per-gebied" if visits else "meldingen-per-gebied"

    def sums_of(self, bron: str, categorie: str, periode: str) -> Iterator[Sum]:
        """Every sum that is promised around the cells of one category and period."""
        for total, parts in self.area_sums:
            yield self._sum(total, parts, lambda code: (bron, code, categorie, periode))
        for niveau in self.areas.values():
            for code in niveau:
                for total, parts in self.divisions(bron):
                    if categorie == total or categorie in parts:
                        yield self._sum(total, parts, lambda own, c=code: (bron, c, own, periode))
                quarters = tuple(f"{periode[:4]}-Q{number}" for number in (1, 2, 3, 4))
                if periode[:4] in self.released[bron] and set(quarters) <= set(self.released[bron]):
                    yield self._sum(periode[:4], quarters, lambda own, c=code: (bron, c, categorie, own))

    def divisions(self, bron: str) -> list[tuple[str, tuple[str, ...]]]:
        """How categories add up: heads and what is below them, or the kinds in which visits are divided."""
        if self.collection(bron) == "meldingen-per-gebied":
            return [("alle", tuple(self.heads)), *((head, subs) for head, subs in self.heads.items() if subs)]
        kinds: dict[str, list[str]] = {}
        for code in self.used[bron]:
            kinds.setdefault(code.partition("-")[0], []).append(code)
        return [("alle", tuple(codes)) for kind, codes in kinds.items() if kind != "alle"]

    @staticmethod
    def _sum(total: str, parts: tuple[str, ...], cell: Any) -> Sum:
        return cell(total), tuple(cell(part) for part in parts)


@dataclass
class Outsider:
    """shown: counts that were told; hidden: cells that are not 0 and were not told; sums: what was asked about."""

    website: Website
    world: World
    shown: dict[Cell, int] = field(default_factory=dict)
    hidden: set[Cell] = field(default_factory=set)
    sums: set[Sum] = field(default_factory=set)
    looked_up: set[tuple[str, str, str]] = field(default_factory=set)
    pairs: int = 0

    def ask(self, bron: str, niveau: str, categorie: str, periode: str, **narrowed: Any) -> None:
        question = {"gemeente": self.world.gemeente, "bron": bron, "niveau": niveau, "categorie": categorie}
        question |= {"periode": periode, "limit": 1000} | narrowed
        response = self.website.get(items_of(self.world.collection(bron)), **question)
        assert response.status_code == 200, response.text
        for feature in response.json()["features"]:
            self.learn(feature["properties"])

    def learn(self, told: dict[str, Any]) -> None:
        cell = (told["bron"], told["gebied_code"], told["categorie"], told["periode"])
        if told["status"] == "onderdrukt":
            values = {name: told.get(name) for name in ("aantal", "per_1000", "laag", "hoog")}
            assert set(values.values()) == {None}, f"a hidden cell was told: {cell}"
            assert cell not in self.shown, f"told one time and hidden the other: {cell}"
            self.hidden.add(cell)
        elif told["aantal"] is not None:
            assert cell not in self.hidden, f"told one time and hidden the other: {cell}"
            assert self.shown.setdefault(cell, told["aantal"]) == told["aantal"], f"told two ways: {cell}"

    def random_pair(self, rng: random.Random) -> None:
        """Two questions that differ in one respect, each narrowed in some way that the API allows."""
        bron = rng.choice(sorted(self.world.released))
        periode, categorie = rng.choice(self.world.released[bron]), rng.choice(self.world.used[bron])
        niveau = rng.choice(sorted(self.world.areas))
        other = {"niveau": niveau, "categorie": categorie, "periode": periode}
        changed = rng.choice(sorted(other))
        other[changed] = {
            "niveau": rng.choice(sorted(self.world.areas)),
            "categorie": rng.choice(self.world.used[bron]),
            "periode": rng.choice(self.world.released[bron]),
        }[changed]
        for asked in ({"niveau": niveau, "categorie": categorie, "periode": periode}, other):
            self.ask(bron, **asked, **self._narrowed(rng, asked["niveau"]))
            self._look_up(bron, asked["categorie"], asked["periode"])
        self.pairs += 1

    def _look_up(self, bron: str, categorie: str, periode: str) -> None:
        if (bron, categorie, periode) not in self.looked_up:
            self.looked_up.add((bron, categorie, periode))
            self.sums |= set(self.world.sums_of(bron, categorie, periode))

    def _narrowed(self, rng: random.Random, niveau: str) -> dict[str, Any]:
        code = rng.choice(self.world.areas[niveau])
        limit = rng.randrange(0, 30)
        return rng.choice(
            [
                {},
                {"gebied": code},
                {"gebied_code": code},
                {"filter": f"aantal > {limit} or status = 'onderdrukt'"},
                {"filter": f"gebied_code <> '{code}'"},
                {"filter": f"not (aantal <= {limit})"},
                {"sortby": rng.choice(["aantal", "-aantal", "-per_1000", "status"]), "limit": rng.randrange(1, 9)},
                {"offset": rng.randrange(0, 9), "limit": rng.randrange(1, 9)},
                {"properties": "gebied_code,bron,categorie,periode,status,aantal"},
                {"noemer": rng.choice(["woningen", "inwoners"])},
            ]
        )

    def crafted_pair(self, cell: Cell) -> None:
        """Ask for every total that a hidden cell is part of, and for all that is beside it."""
        bron, _, categorie, periode = cell
        for own in self.world.sums_of(bron, categorie, periode):
            if cell == own[0] or cell in own[1]:
                for asked in (own[0], own[1][0]):
                    niveau = next(name for name, codes in self.world.areas.items() if asked[1] in codes)
                    self.ask(bron, niveau, asked[2], asked[3])
                self.sums.add(own)
        self.pairs += 1

    def ranges(self) -> dict[Cell, tuple[float, float]]:
        """What each hidden cell can be, from all sums together, tightened until nothing changes."""
        sums = self.usable()
        totals = {total for total, _ in self.sums} | self._betrayed(sums)
        small = {cell for cell in self.hidden - totals if self.world.truth[cell] < THRESHOLD}
        found = {cell: (1.0, THRESHOLD - 1.0 if cell in small else float("inf")) for cell in self.hidden}
        changed = True
        while changed:
            changed = False
            for total, parts in sums:
                for cell, low, high in self._bounds(found, total, parts):
                    old = found[cell]
                    found[cell] = (max(old[0], low), min(old[1], high))
                    changed |= found[cell] != old
        return found

    def _betrayed(self, sums: list[Sum]) -> set[Cell]:
        """The cells that are all there is of a total whose parts show that it is half the threshold or more."""
        least: dict[Cell, int] = {}
        only: set[Cell] = set()
        changed = True
        while changed:
            changed = False
            for total, parts in sums:
                own = [part for part in parts if part in self.hidden or self.shown[part]]
                low = max(least.get(total, 1), sum(least.get(part, 1) for part in own))
                for cell in (total, *own) if len(own) == 1 else (total,):
                    changed |= least.get(cell, 1) < low
                    least[cell] = max(least.get(cell, 1), low)
                only |= set(own) if len(own) == 1 else set()
        return {cell for cell in only if THRESHOLD - 1 - least.get(cell, 1) < THRESHOLD / 2}

    def usable(self) -> list[Sum]:
        """The sums of which every cell was seen. One that counts more than its parts tells an outsider too little."""
        value = self.shown | {cell: self.world.truth[cell] for cell in self.hidden}
        return [
            (total, parts)
            for total, parts in self.sums
            if total in value
            and all(part in value for part in parts)
            and value[total] == sum(value[part] for part in parts)
            and any(cell in self.hidden for cell in (total, *parts))
        ]

    def _bounds(
        self, found: dict[Cell, tuple[float, float]], total: Cell, parts: tuple[Cell, ...]
    ) -> Iterator[tuple[Cell, float, float]]:
        def span(cell: Cell) -> tuple[float, float]:
            return (self.shown[cell],) * 2 if cell in self.shown else found[cell]

        spans = {part: span(part) for part in parts}
        low, high = (sum(own[side] for own in spans.values()) for side in (0, 1))
        if total in found:
            yield total, low, high
        least, most = span(total)
        for part, (own_low, own_high) in spans.items():
            if part in found:
                others_high = (
                    high - own_high if own_high != float("inf") else sum(h for p, (_, h) in spans.items() if p != part)
                )
                yield part, least - others_high, most - (low - own_low)

    def recovered(self) -> list[Cell]:
        """The hidden cells that are now known, exactly or within two."""
        return sorted(cell for cell, (low, high) in self.ranges().items() if high - low <= WITHIN_TWO)
