"""What the service remembers, for how long, and how much of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.db.engine import Database
from geo_service.identity import Viewer
from geo_service.release import geheugen
from geo_service.release.context import connect_as
from geo_service.release.geheugen import Geheugen, Recent
from tests.geo_service.support import change


def test_the_least_recently_used_goes_first():
    recent: Recent[str] = Recent(30)
    for key in "abc":
        recent.put(key, key.upper(), 3)
    assert recent.get("a") == "A"
    for key in "defghij":
        recent.put(key, key.upper(), 3)
    recent.put("k", "K", 3)
    assert (recent.get("a"), recent.get("b"), recent.get("k")) == ("A", None, "K")


def test_one_large_thing_does_not_push_out_the_rest():
    recent: Recent[str] = Recent(100)
    recent.put("klein", "x", 10)
    recent.put("groot", "y", 11)
    assert (recent.get("klein"), recent.get("groot")) == ("x", None)


def test_cleared_means_empty():
    recent: Recent[str] = Recent(20)
    recent.put("a", "x", 2)
    recent.clear()
    assert recent.get("a") is None
    for key in range(10):
        recent.put(key, "y", 2)
    assert [recent.get(key) for key in range(10)] == ["y"] * 10


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(1, 60)), max_size=60))
def test_it_never_holds_more_than_its_size(puts):
    recent: Recent[int] = Recent(100)
    last: dict[int, int] = {}
    for key, size in puts:
        recent.put(key, size, size)
        if size <= 10:
            last[key] = size
        held = [found for found in map(recent.get, range(9)) if found is not None]
        assert sum(held) <= 100
        if size <= 10:
            assert recent.get(key) == size


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One entry per time that the database was asked for its stand."""
    made: list[str] = []
    real = geheugen.read_stand

    async def read(connection):
        made.append("")
        return await real(connection)

    monkeypatch.setattr(geheugen, "read_stand", read)
    return made


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    now = [1000.0]
    monkeypatch.setattr(geheugen.time, "monotonic", lambda: now[0])
    return now


def remember(url: str, question: Callable[[Geheugen, Database], Awaitable[None]]) -> None:
    async def run() -> None:
        database = Database(url, pool_size=1)
        try:
            await question(Geheugen(database, answer_bytes=1_000_000), database)
        finally:
            await database.close()

    asyncio.run(run())


def touch(url: str) -> None:
    change(url, "update publiek.gebied set naam = naam || '.'")


def test_the_stand_is_looked_up_at_most_once_a_second(dorp_url, looked, clock):
    async def question(known: Geheugen, _: Database) -> None:
        first = await known.stand()
        clock[0] += 0.9
        assert await known.stand() == first
        assert len(looked) == 1
        clock[0] += 0.2
        assert await known.stand() == first
        assert len(looked) == 2

    remember(dorp_url, question)


def test_everything_is_forgotten_when_the_data_change(dorp_url, clock):
    async def question(known: Geheugen, database: Database) -> None:
        first = await known.stand()
        assert known.known_count("vraag") is None
        known.remember_count("vraag", 0)
        assert (known.known_count("vraag"), known.known_count("andere vraag")) == (0, None)
        known.answers.put("tag", "antwoord")
        async with connect_as(database, Viewer()) as connection:
            gemeente = await known.gemeente(connection, Viewer(), None)
            assert await known.gemeente(connection, Viewer(), None) is gemeente
        await asyncio.to_thread(touch, dorp_url)
        assert await known.stand() == first
        assert (known.answers.get("tag"), known.known_count("vraag")) == ("antwoord", 0)
        clock[0] += 1.1
        assert await known.stand() != first
        assert (known.answers.get("tag"), known.known_count("vraag")) == (None, None)
        async with connect_as(database, Viewer()) as connection:
            assert await known.gemeente(connection, Viewer(), None) is not gemeente

    remember(dorp_url, question)


def test_without_areas_there_is_no_municipality_and_that_is_not_remembered(url, clock):
    async def question(known: Geheugen, database: Database) -> None:
        async with connect_as(database, Viewer()) as connection:
            assert await known.gemeente_or_none(connection, Viewer(), None) is None

    remember(url, question)
