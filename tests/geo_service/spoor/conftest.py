"""A log with three days in it, and a way around its guards: as an intruder with the rights of a superuser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest

from geo_service.db.write.logboek import append_lines
from geo_service.spoor.gebeurtenis import Gebeurtenis
from geo_service.spoor.keten import seal_text
from geo_service.spoor.sleutel import Ondertekenaar
from tests.geo_service import dorp
from tests.geo_service.api.website import Website, serve
from tests.geo_service.support import SECRET, load

DAYS = (date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 5))
LINES = 6


def event(number: int = 0, **changes: str) -> Gebeurtenis:
    fields = {
        "actor": "k-1",
        "rol": "wijkregisseur",
        "handeling": "lezen",
        "object": f"/v1/{number}",
        "uitkomst": "200",
    }
    return Gebeurtenis(**(fields | {"herkomst": "192.0.2.0/24", "kenmerk": "ab12"} | changes))


def seal(dag: date, nummer: int, hash_: bytes) -> tuple[bytes, str]:
    own = Ondertekenaar(SECRET.encode())
    return own.sign(seal_text(dag, nummer, hash_)), own.sleutel


def append(connection: psycopg.Connection, *events: Gebeurtenis) -> None:
    append_lines(connection, [item.as_dict() for item in events], seal)


@contextmanager
def unguarded(url: str) -> Iterator[psycopg.Connection]:
    """The database without its triggers, as only a superuser can have it."""
    with psycopg.connect(url) as connection:
        connection.execute("set session_replication_role = replica")
        yield connection


def shift_day(connection: psycopg.Connection, day: date) -> None:
    """Make the function that adds lines believe that it is another day."""
    source = connection.execute("select pg_get_functiondef('intern.noteer'::regproc)").fetchone()
    assert source is not None
    moved = source[0].replace("nu := pg_catalog.clock_timestamp();", f"nu := timestamptz '{day} 12:00';")
    assert moved != source[0]
    connection.execute(moved)


@pytest.fixture
def log_url(url: str) -> str:
    """Three days of six lines, in two batches a day."""
    with psycopg.connect(url) as connection:
        original = connection.execute("select pg_get_functiondef('intern.noteer'::regproc)").fetchone()
        assert original is not None
        for day in DAYS:
            shift_day(connection, day)
            append(connection, *(event(number) for number in range(4)))
            append(connection, event(4), event(5, object='é “quotes” " \\ and\ttabs'))
            connection.execute(original[0])
    return url


@pytest.fixture
def site_url(dorp_url: str, tmp_path: Path) -> str:
    """The village with twelve reports in each buurt."""
    reports = [dorp.melding(number, buurt=list(dorp.MIDDLE)[number % 4]) for number in range(48)]
    load("ingest", "meldingen", dorp.write_csv(tmp_path / "lijst.csv", reports), "--bron", "lijst", url=dorp_url)
    return dorp_url


@pytest.fixture
def website(site_url: str) -> Iterator[Website]:
    with serve(site_url) as running:
        yield running


@pytest.fixture
def tamper(log_url: str) -> Callable[..., Any]:
    """``tamper("update intern.logboek …")``: change the log behind its guards."""

    def change(*statements: str) -> None:
        with unguarded(log_url) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    return change
