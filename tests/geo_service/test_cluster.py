"""The private cluster: where it lives, who runs it, and that starting and stopping are safe to repeat."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from geo_service.db import cluster as cluster_module
from geo_service.db.cluster import Cluster, locate_cluster
from geo_service.db.migrate import check_ready
from geo_service.errors import Unavailable
from tests.geo_service.support import call_cli, settings


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the cluster's own user may enter (pytest's are closed)."""
    made = Path(tempfile.mkdtemp(prefix="bst-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def private(folder: Path) -> Iterator[Cluster]:
    found = locate_cluster(folder)
    yield found
    found.stop()


def test_a_day_in_the_life_of_the_private_cluster(folder: Path, private: Cluster) -> None:
    own = {"url": "", "map": folder}
    assert "bestaat nog niet" in call_cli("db", "status", **own).stdout
    assert not private.exists
    assert call_cli("db", "stop", **own).returncode == 0
    assert call_cli("db", "start", **own).returncode == 0
    assert private.running
    check_ready(private.url)
    assert call_cli("db", "start", **own).returncode == 0
    assert "draait" in call_cli("db", "status", **own).stdout
    assert call_cli("db", "url", **own).stdout.strip() == private.url
    with psycopg.connect(private.url) as connection:
        connection.execute("insert into publiek.gemeente values ('GM9999', 'Blijft')")
        settings_ = dict(
            connection.execute(
                "select name, setting from pg_settings where name in "
                "('listen_addresses', 'unix_socket_permissions', 'shared_preload_libraries')"
            ).fetchall()
        )
    assert settings_ == {
        "listen_addresses": "",
        "unix_socket_permissions": "0700",
        "shared_preload_libraries": "postgis-3",
    }
    assert call_cli("db", "stop", **own).returncode == 0
    assert not private.running
    assert "staat stil" in call_cli("db", "status", **own).stdout
    assert call_cli("db", "stop", **own).returncode == 0
    # Any command starts it again, with everything still there.
    assert call_cli("db", "migrate", **own).returncode == 0
    with psycopg.connect(private.url) as connection:
        assert connection.execute("select naam from publiek.gemeente").fetchone() == ("Blijft",)


def test_it_never_runs_as_root_and_its_folder_is_closed(folder: Path, private: Cluster) -> None:
    private.start()
    pid = int((private.data / "postmaster.pid").read_text().splitlines()[0])
    owner = os.stat(f"/proc/{pid}").st_uid
    assert owner != 0
    assert os.stat(private.base).st_uid == owner
    assert stat.S_IMODE(os.stat(private.base).st_mode) == 0o700


def test_a_cluster_that_went_down_without_goodbye_or_moved_starts_again(folder: Path, private: Cluster) -> None:
    private.start()
    with psycopg.connect(private.url, autocommit=True) as connection:
        connection.execute("create table bewaard as select 7 as x")
    pid_file = private.data / "postmaster.pid"
    os.kill(int(pid_file.read_text().splitlines()[0]), signal.SIGQUIT)
    deadline = time.monotonic() + 20
    while pid_file.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not private.running
    private.start()
    with psycopg.connect(private.url) as connection:
        assert connection.execute("select x from bewaard").fetchone() == (7,)
    private.stop()
    (folder / "verhuisd").mkdir()
    private.base.rename(folder / "verhuisd" / private.base.name)
    moved = locate_cluster(folder / "verhuisd")
    try:
        moved.start()
        with psycopg.connect(moved.url) as connection:
            assert connection.execute("select x from bewaard").fetchone() == (7,)
    finally:
        moved.stop()


def test_the_socket_of_a_deep_folder_still_fits(folder: Path) -> None:
    deep = folder / ("lange-mapnaam-" * 8)
    deep.mkdir()
    found = locate_cluster(deep)
    assert len(str(found.socket_dir / ".s.PGSQL.5433.lock")) < 100
    assert found.base.is_relative_to(deep.resolve())
    assert found.socket_dir != locate_cluster(folder / "andere").socket_dir


def test_two_project_folders_have_two_clusters(folder: Path) -> None:
    one, two = locate_cluster(folder / "een"), locate_cluster(folder / "twee")
    assert {one.base, one.socket_dir}.isdisjoint({two.base, two.socket_dir})


@pytest.mark.skipif(os.geteuid() != 0, reason="alleen root heeft een andere gebruiker nodig")
def test_a_folder_that_only_root_may_enter_moves_the_cluster_elsewhere(folder: Path) -> None:
    closed = folder / "dicht"
    closed.mkdir(mode=0o700)
    found = locate_cluster(closed)
    assert not found.base.is_relative_to(folder)
    assert found == locate_cluster(closed)


def test_without_postgresql_one_sentence_says_what_to_do(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_module, "_binary", lambda name: f"/bestaat/niet/{name}")
    with pytest.raises(Unavailable, match="start niet"):
        locate_cluster(folder).start()


def test_a_broken_cluster_is_one_sentence(folder: Path, private: Cluster) -> None:
    private.start()
    private.stop()
    (private.data / "global" / "pg_control").unlink()
    with settings(database_url=None, map=folder):
        done = call_cli("db", "migrate", url="", map=folder)
    assert done.returncode == 1
    assert done.stderr.startswith("Geweigerd: ")
    assert str(private.base) in done.stderr
    assert "Traceback" not in done.stderr
