"""A real PostGIS for the tests: one private cluster per test session, shared by the workers of pytest-xdist.

``BUURTSIGNAAL_TEST_DATABASE_URL`` (the URL of a database on a server of your own, with the right to make databases)
is used instead when it is set. Every database made here carries a prefix of its own and is dropped at the end.
"""

from __future__ import annotations

import fcntl
import json
import os
import pwd
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from geo_service.db.cluster import ROOT_STAND_IN, Cluster

OWN_SERVER = "BUURTSIGNAAL_TEST_DATABASE_URL"
# In memory where there is room for it: a database is copied for every other test, which is mostly writing files.
FOLDERS = (Path("/dev/shm"), Path("/tmp"))  # noqa: S108
ROOM = 8 << 30
PREFIX = "bst-"
# The version in which PostgreSQL got more than one way to copy a database.
STRATEGIES = 15_00_00
MEMBERS = "leden.json"


class Server:
    """Makes, clones and drops databases. root is shared by all workers of one session and holds locks and state."""

    def __init__(self, root: Path, *, own_only: bool = False):
        """own_only: a private cluster, also when a server of your own is set."""
        self._root = root
        self._own_url = None if own_only else os.environ.get(OWN_SERVER)
        self._state = root / "server.json"

    def enter(self) -> None:
        """Join the session; the first one in starts the cluster."""
        with self._lock("server"):
            state = self._read()
            if state is None:
                _sweep()
                state = self._start()
            self._write(state, [*state["members"], os.getpid()])
        self.maintenance_url = state["url"]
        self._prefix = state["prefix"]
        self._connection = psycopg.connect(self.maintenance_url, autocommit=True)
        # Before 15 a database is always copied as files; after that a log of every page is the default, twice the work.
        self._as_files = " strategy file_copy" if self._connection.info.server_version >= STRATEGIES else ""

    def leave(self) -> None:
        """Leave the session; the last one out drops everything and stops the cluster."""
        with self._lock("server"), closing(self._connection):
            state = self._read()
            assert state is not None
            others = [pid for pid in state["members"] if pid != os.getpid() and _alive(pid)]
            if others:
                self._write(state, others)
                return
            self._state.unlink()
            if state["base"] is None:
                self._drop_all()
            else:
                _remove(Path(state["base"]))

    def empty(self, name: str) -> str:
        """A new database without anything in it."""
        self._execute(sql.SQL("create database {}").format(self._id(name)))
        return self.url_of(name)

    def shared(self, name: str, build: Callable[[str], None], template: str | None = None) -> str:
        """The name of a database that is built once per session, by the first who asks, and only cloned after that."""
        full = f"sjabloon_{name}"
        with self._lock(full):
            if not self._exists(full):
                making = f"{full}_in_aanbouw"
                self.drop(making)
                build(self.clone(template, making) if template else self.empty(making))
                self._execute(sql.SQL("alter database {} rename to {}").format(self._id(making), self._id(full)))
        return full

    def clone(self, template: str, name: str, *, read_only: bool = False) -> str:
        """A copy of a shared database (about 25 ms)."""
        statement = sql.SQL("create database {} template {}" + self._as_files)
        self._execute(statement.format(self._id(name), self._id(template)))
        if read_only:
            self._execute(sql.SQL("alter database {} set default_transaction_read_only = on").format(self._id(name)))
        return self.url_of(name)

    def drop(self, name: str) -> None:
        self._execute(sql.SQL("drop database if exists {} with (force)").format(self._id(name)))

    def url_of(self, name: str) -> str:
        """The libpq URL of one of our databases, as the owner."""
        return urlsplit(self.maintenance_url)._replace(path=f"/{self._prefix}{name}").geturl()

    def execute(self, statement: str) -> None:
        """Run a statement on the server itself (roles and the like)."""
        self._execute(sql.SQL(statement))  # type: ignore[arg-type]

    def _start(self) -> dict:
        own = self._own_url
        prefix = f"bst_{secrets.token_hex(4)}_"
        if own:
            return {"base": None, "url": own, "prefix": prefix, "members": []}
        # Not pytest's own folder: the cluster's user cannot enter that one, and its name is too long for a socket.
        base = Path(tempfile.mkdtemp(prefix=PREFIX, dir=_folder()))
        cluster = _cluster(base)
        cluster.start()
        with psycopg.connect(cluster.maintenance_url, autocommit=True) as connection:
            # A test database need not survive a power cut, and does not live long enough to be swept.
            for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
                connection.execute(f"alter system set {setting} = off")
            connection.execute("select pg_reload_conf()")
        return {"base": str(base), "url": cluster.maintenance_url, "prefix": prefix, "members": []}

    def _drop_all(self) -> None:
        query = "select datname from pg_database where starts_with(datname, %s)"
        for (name,) in self._connection.execute(query, (self._prefix,)).fetchall():
            self.drop(name.removeprefix(self._prefix))

    def _exists(self, name: str) -> bool:
        query = "select 1 from pg_database where datname = %s"
        return self._connection.execute(query, (self._prefix + name,)).fetchone() is not None

    def _execute(self, statement: sql.Composable) -> None:
        self._connection.execute(statement)  # type: ignore[arg-type]

    def _id(self, name: str) -> sql.Identifier:
        return sql.Identifier(self._prefix + name)

    def _read(self) -> dict | None:
        return json.loads(self._state.read_text()) if self._state.exists() else None

    def _write(self, state: dict, members: list[int]) -> None:
        self._state.write_text(json.dumps(state | {"members": members}))
        if state["base"] is not None:
            (Path(state["base"]) / MEMBERS).write_text(json.dumps(members))

    @contextmanager
    def _lock(self, name: str) -> Iterator[None]:
        with (self._root / f"{name}.lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield


def _cluster(base: Path) -> Cluster:
    user = ROOT_STAND_IN if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    return Cluster(base, base / "s", user)


def _remove(base: Path) -> None:
    _cluster(base).stop()
    shutil.rmtree(base, ignore_errors=True)


def _folder() -> Path:
    return next((folder for folder in FOLDERS[:-1] if _has_room(folder)), FOLDERS[-1])


def _has_room(folder: Path) -> bool:
    """Whether the databases of a session fit, in memory that nobody uses."""
    if not (folder.is_dir() and os.access(folder, os.W_OK)):
        return False
    return min(shutil.disk_usage(folder).free, psutil.virtual_memory().available) > ROOM


def _sweep() -> None:
    """Stop clusters of sessions that were killed before they could do so themselves."""
    for members in (found for folder in FOLDERS for found in folder.glob(f"{PREFIX}*/{MEMBERS}")):
        if members.stat().st_uid == os.geteuid() and not any(map(_alive, json.loads(members.read_text()))):
            _remove(members.parent)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def as_user(url: str, user: str, password: str = "") -> str:
    """The same database for another user."""
    return make_conninfo(url, user=user, password=password)
