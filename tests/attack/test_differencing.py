"""Subtracting answers of the public API from each other: nothing that is hidden comes out.

A few hundred questions in every run of the tests, thousands with the proofs.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import psycopg
import pytest

from analysis.disclosure import audit, protect
from geo_service.db.write.cijfers import read_besluit
from geo_service.jobs.verversen import release_figures
from geo_service.jobs.vrijgave.bron import read_bron
from geo_service.jobs.vrijgave.tabel import make_tabel
from tests.attack.outsider import Outsider, World
from tests.geo_service.api.website import serve

PLACES = {"demo": "GM0153", "assen": "GM0106"}
FEW, ALL = (300, 40), (5_000, 500)


@pytest.fixture(scope="module", params=PLACES)
def place(request: pytest.FixtureRequest) -> tuple[str, str]:
    return request.getfixturevalue(f"{request.param}_url"), PLACES[request.param]


@pytest.fixture(scope="module")
def outsider(place: tuple[str, str]) -> Iterator[Outsider]:
    url, gemeente = place
    with serve(url) as website:
        yield Outsider(website, World.read(url, gemeente))


def attack(outsider: Outsider, n_random: int, n_crafted: int) -> None:
    rng = random.Random(20261122)
    for _ in range(n_random):
        outsider.random_pair(rng)
    cells = sorted(outsider.world.truth)
    for cell in rng.sample(cells, min(n_crafted, len(cells))):
        outsider.crafted_pair(cell)


def test_nothing_hidden_comes_out(outsider: Outsider) -> None:
    attack(outsider, *FEW)
    assert len(outsider.hidden) > 100
    assert outsider.recovered() == []


def test_the_attack_finds_what_is_given_away(place: tuple[str, str], outsider: Outsider) -> None:
    """The same outsider, when one of two hidden parts of a total is told after all."""
    cell = next(
        part
        for total, parts in sorted(outsider.usable())
        if total in outsider.shown and sum(own in outsider.hidden for own in parts) == 2
        for part in parts
        if part in outsider.hidden
    )
    outsider.hidden.discard(cell)
    outsider.shown[cell] = outsider.world.truth[cell]
    assert outsider.recovered() != []
    outsider.hidden.add(cell)
    del outsider.shown[cell]


def exposed(url: str, world: World, *, sources: int = 99, years: int = 99) -> list[tuple[str, ...]]:
    """What our own attack finds, per source and year with its quarters; of so many of each."""
    found = []
    with psycopg.connect(url) as connection:
        for bron, released in sorted(world.released.items())[-sources:]:
            source = read_bron(connection, world.gemeente, bron)
            assert source is not None
            _, cellen = source.part(connection, source.vintages[-1].jaar, [])
            for jaar in sorted({code[:4] for code in released})[-years:]:
                own = [code for code in released if code[:4] == jaar]
                cells = read_besluit(connection, world.gemeente, bron, own).rename(columns={"n": "count"})
                quarters = {jaar: [code for code in own if code != jaar]} if jaar in own else {}
                rooster = source.rooster(cellen, world.used[bron])
                tabel = make_tabel(cells.assign(top1=float("nan")), rooster, quarters)
                cells = tabel.cellen[[*tabel.hierarchies, "count"]]
                known = tabel.cellen["openbaar"].notna()
                shown = known & tabel.cellen["openbaar"].eq(True)
                # Nothing is left to choose: this only tells which cells are hidden because they are small.
                table = protect(cells, hierarchies=tabel.hierarchies, published=shown, suppressed=known & ~shown)
                assert (table["status"].eq("ok") == shown)[known].all()
                found += audit(table, hierarchies=tabel.hierarchies, informed=True)
    return found


def test_our_own_attack_agrees(place: tuple[str, str], outsider: Outsider) -> None:
    assert exposed(place[0], outsider.world, sources=1, years=1) == []


@pytest.mark.proof
@pytest.mark.parametrize("name", PLACES)
def test_nothing_hidden_comes_out_of_quarters_and_years(copy_of: Callable[[str], str], name: str) -> None:
    url = copy_of(name)
    release_figures(url, patient=True)
    world = World.read(url, PLACES[name])
    with serve(url) as website:
        found = Outsider(website, world)
        attack(found, *ALL)
    assert (found.pairs, found.recovered(), exposed(url, world)) == (sum(ALL), [], [])
