"""A load that is killed, blocked or cut off leaves nothing half stored, and the next one completes."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psycopg
import pytest

from tests.geo_service.dorp import GEMEENTE, ZW, melding, write_csv, write_gebieden
from tests.geo_service.support import call_cli, fingerprint, load, rows, settings, start_cli, value

ROWS = 100_000


@pytest.fixture(scope="module")
def large_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """100 000 reports over three years, spread over the village."""
    rng = np.random.default_rng(7)
    x, y = rng.uniform(200_000, 202_000, ROWS), rng.uniform(500_000, 502_000, ROWS)
    days = np.datetime64("2023-01-01") + rng.integers(0, 1000, ROWS).astype("timedelta64[D]")
    path = tmp_path_factory.mktemp("groot") / "groot.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("id,created_at,x,y,category\n")
        file.writelines(
            f"{number},{day}T12:00:00Z,{east:.1f},{north:.1f},afval-dumping\n"
            for number, (day, east, north) in enumerate(zip(days, x, y, strict=True))
        )
    return path


def backend_activity(url: str) -> str | None:
    """What the loading connection on this database is doing now; None when there is none."""
    found = rows(
        url,
        "select query from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() "
        "and backend_type = 'client backend' and xact_start is not null",
    )
    return found[0][0] if found else None


def wait_until(true: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "gebeurt niet"
        time.sleep(0.002)


def wait_until_alone(url: str) -> None:
    """Until the server has rolled back what the killed process left."""
    wait_until(lambda: backend_activity(url) is None)


# The statement that the load is at when it is killed: from its first rows to its last.
MOMENTS = {
    "rows come in": "copy ",
    "keys are compared": "dubbel",
    "reports are stored": "insert into ",
    "indexes are made": "create index",
    "keys and cube are stored": "melding_sleutel (gemeente_code",
}
BUSY = (
    "select 1 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() "
    "and state = 'active' and position(%s in lower(query)) > 0"
)


def test_a_killed_load_leaves_nothing_and_the_next_completes(dorp_url: str, large_csv: Path, tmp_path: Path) -> None:
    command = ("ingest", "meldingen", large_csv, "--bron", "groot")
    before = fingerprint(dorp_url)
    for moment, statement in MOMENTS.items():
        process = start_cli(*command, url=dorp_url)
        with psycopg.connect(dorp_url, autocommit=True) as watcher:
            wait_until(lambda: process.poll() is not None or watcher.execute(BUSY, (statement,)).fetchone())  # noqa: B023
        assert process.poll() is None, f"klaar voordat: {moment}"
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        wait_until_alone(dorp_url)
        assert fingerprint(dorp_url) == before, moment
    said = load(*command, url=dorp_url)
    assert f"{ROWS} gelezen · {ROWS} opgeslagen" in said
    assert value(dorp_url, "select sum(aantal) from intern.kubus") == ROWS
    assert rows(dorp_url, "select uitkomst from intern.ingest_run where bron = 'groot'") == [("opgeslagen",)]


@pytest.fixture
def interruptible() -> Iterator[None]:
    """A suite that was started in the background ignores the interrupt, and so would the commands that it starts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_an_interrupted_load_says_so_in_one_line(dorp_url: str, large_csv: Path) -> None:
    before = fingerprint(dorp_url)
    process = start_cli("ingest", "meldingen", large_csv, "--bron", "groot", url=dorp_url)
    # Not at the first sign of life: an interrupt while Python is still importing may hit code that swallows it.
    with psycopg.connect(dorp_url, autocommit=True) as watcher:
        wait_until(lambda: watcher.execute(BUSY, ("copy ",)).fetchone())
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in said
    assert "niets half opgeslagen" in said
    wait_until_alone(dorp_url)
    assert fingerprint(dorp_url) == before


def test_a_connection_that_is_cut_off_is_one_dutch_sentence(dorp_url: str, large_csv: Path) -> None:
    process = start_cli("ingest", "meldingen", large_csv, "--bron", "groot", url=dorp_url)
    with psycopg.connect(dorp_url, autocommit=True) as other:
        cut = (
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() "
            "and pid <> pg_backend_pid() and position('copy ' in lower(query)) > 0"
        )
        wait_until(lambda: other.execute(cut).fetchone() or process.poll() is not None)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert said.strip().endswith("Er is niets half opgeslagen; probeer het opnieuw."), said
    assert "Traceback" not in said, said
    assert value(dorp_url, "select count(*) from intern.melding") == 0


# --- two at once


def hold(url: str, bron: str) -> psycopg.Connection:
    """A connection that holds the lock of a source, as a running load does."""
    connection = psycopg.connect(url)
    connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"inlezen:meldingen:{bron}",))
    return connection


def test_a_second_load_of_the_same_source_is_refused_when_it_may_not_wait(dorp_url: str, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "lijst.csv", [melding(1)])
    with hold(dorp_url, "lijst"):
        done = call_cli("ingest", "meldingen", path, "--bron", "lijst", url=dorp_url, wachttijd_inlezen=0)
        assert done.returncode == 1
        assert "Er loopt al een inlezing van bron 'lijst'" in done.stderr
        assert value(dorp_url, "select count(*) from intern.melding") == 0
        other = call_cli("ingest", "meldingen", path, "--bron", "andere", url=dorp_url, wachttijd_inlezen=0)
        assert other.returncode == 0, other.stderr
    assert "1 opgeslagen" in load("ingest", "meldingen", path, "--bron", "lijst", url=dorp_url)


def test_a_second_load_of_the_same_source_waits_its_turn(dorp_url: str, large_csv: Path, tmp_path: Path) -> None:
    """Two real commands at once, the same file: one stores everything, the other finds it unchanged."""
    small = tmp_path / "deel.csv"
    with large_csv.open(encoding="utf-8") as file:
        small.write_text("".join(line for line, _ in zip(file, range(5_001), strict=False)), encoding="utf-8")
    command = ("ingest", "meldingen", small, "--bron", "groot")
    both = [start_cli(*command, url=dorp_url) for _ in range(2)]
    said = sorted(process.communicate(timeout=120)[0] for process in both)
    assert [process.returncode for process in both] == [0, 0]
    assert "0 opgeslagen · 5000 ongewijzigd" in said[0] + said[1]
    assert "5000 gelezen · 5000 opgeslagen" in said[0] + said[1]
    assert value(dorp_url, "select sum(aantal) from intern.kubus") == 5_000


def test_two_sources_at_once_in_a_new_year_both_arrive(dorp_url: str, large_csv: Path, tmp_path: Path) -> None:
    """Both need the same new partitions."""
    small = tmp_path / "deel.csv"
    with large_csv.open(encoding="utf-8") as file:
        small.write_text("".join(line for line, _ in zip(file, range(5_001), strict=False)), encoding="utf-8")
    both = [start_cli("ingest", "meldingen", small, "--bron", bron, url=dorp_url) for bron in ("een", "twee")]
    said = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert rows(dorp_url, "select bron, sum(aantal) from intern.kubus group by 1 order by 1") == [
        ("een", 5_000),
        ("twee", 5_000),
    ]


def test_new_areas_during_a_load_do_not_leave_reports_in_old_buurten(dorp_url: str, tmp_path: Path) -> None:
    """A report staged with the old border, stored after the border moved, still ends up in the right buurt."""
    moved = write_gebieden(tmp_path / "verlegd.geojson", border=1400)
    path = write_csv(tmp_path / "lijst.csv", [melding(1, at=(201_200, 500_500))])
    blocker = psycopg.connect(dorp_url)
    blocker.execute("lock table intern.melding_sleutel in access exclusive mode")
    outcome: list[subprocess.CompletedProcess[str]] = []
    process = start_cli("ingest", "meldingen", path, "--bron", "lijst", url=dorp_url)
    waiting = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' "
    wait_until(lambda: rows(dorp_url, f"{waiting} and position('melding_sleutel' in query) > 0"))
    areas = threading.Thread(target=lambda: outcome.append(_load_areas(dorp_url, moved)))
    areas.start()
    # Either it is done, or it waits for the load: both are right.
    wait_until(lambda: not areas.is_alive() or len(rows(dorp_url, waiting)) > 1)
    blocker.rollback()
    blocker.close()
    _, said = process.communicate(timeout=60)
    areas.join(timeout=60)
    assert process.returncode == 0, said
    assert outcome[0].returncode == 0, outcome[0].stderr
    assert rows(dorp_url, "select buurt_code from intern.melding") == [(ZW,)]
    assert rows(dorp_url, "select gebied_code, aantal from intern.kubus") == [(ZW, 1)]


def _load_areas(url: str, path: Path) -> subprocess.CompletedProcess[str]:
    process = start_cli("ingest", "gebieden", path, "--jaar", 2021, url=url)
    out, err = process.communicate(timeout=120)
    return subprocess.CompletedProcess([], process.returncode, out, err)


def test_the_lock_time_of_zero_is_not_for_ever(dorp_url: str) -> None:
    """PostgreSQL reads a lock_timeout of 0 as: wait without end."""
    with settings(database_url=dorp_url, wachttijd_inlezen=0), hold(dorp_url, "x"):
        start = time.monotonic()
        done = call_cli("ingest", "meldingen", "/bestaat/niet.csv", "--bron", "x", url=dorp_url, wachttijd_inlezen=0)
        assert done.returncode == 1
        assert time.monotonic() - start < 10


def test_a_refused_load_does_not_hold_its_lock(dorp_url: str, tmp_path: Path) -> None:
    bad = write_csv(tmp_path / "fout.csv", [melding(1, created_at="1990-01-01")])
    good = write_csv(tmp_path / "goed.csv", [melding(1)])
    assert call_cli("ingest", "meldingen", bad, "--bron", "x", "--gemeente", GEMEENTE, url=dorp_url).returncode == 1
    done = call_cli("ingest", "meldingen", good, "--bron", "x", url=dorp_url, wachttijd_inlezen=0)
    assert done.returncode == 0, done.stderr
