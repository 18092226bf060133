"""What the tests of the service share: running the command line, settings, and looking into a database."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import psycopg

from geo_service.cli import main
from geo_service.settings import get_settings

EXECUTABLE = Path(sys.executable).parent / "buurtsignaal"
SECRET = "geheim-van-de-tests-en-van-niemand-anders"
SCHEMAS = ("publiek", "intern")


@contextlib.contextmanager
def settings(**values: Any) -> Iterator[None]:
    """Settings for a while: ``settings(wachttijd_inlezen=0)``. None removes one."""
    names = {f"BUURTSIGNAAL_{name.upper()}": value for name, value in values.items()}
    with mock.patch.dict(os.environ, {name: str(value) for name, value in names.items() if value is not None}):
        for name in (name for name, value in names.items() if value is None):
            os.environ.pop(name, None)
        get_settings.cache_clear()
        try:
            yield
        finally:
            get_settings.cache_clear()
    get_settings.cache_clear()


def cli_environment(url: str, **changes: Any) -> dict[str, str]:
    """The environment of a command: this one's, on the given database, with a terminal wide enough for one line."""
    extra = {f"BUURTSIGNAAL_{name.upper()}": str(value) for name, value in changes.items()}
    return os.environ | {"BUURTSIGNAAL_DATABASE_URL": url, "COLUMNS": "400"} | extra


def run_cli(*args: Any, url: str, timeout: float = 120, **changes: Any) -> subprocess.CompletedProcess[str]:
    """The real ``buurtsignaal`` in a process of its own (about a second to start)."""
    return subprocess.run(
        [str(EXECUTABLE), *map(str, args)],
        capture_output=True, text=True, timeout=timeout, check=False, env=cli_environment(url, **changes),
    )  # fmt: skip


def start_cli(*args: Any, url: str, **changes: Any) -> subprocess.Popen[str]:
    """The real ``buurtsignaal``, not waited for."""
    return subprocess.Popen(
        [str(EXECUTABLE), *map(str, args)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=cli_environment(url, **changes),
    )  # fmt: skip


def call_cli(*args: Any, url: str, **changes: Any) -> subprocess.CompletedProcess[str]:
    """The same command inside this process: the same entry, a second faster."""
    words = [str(word) for word in args]
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with (
        settings(database_url=url, **changes),
        mock.patch.object(sys, "argv", ["buurtsignaal", *words]),
        mock.patch.dict(os.environ, {"COLUMNS": "400"}),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    return subprocess.CompletedProcess(["buurtsignaal", *words], code, out.getvalue(), err.getvalue())


def load(*args: Any, url: str, **changes: Any) -> str:
    """A command that must succeed; its output."""
    done = call_cli(*args, url=url, **changes)
    assert done.returncode == 0, done.stderr or done.stdout
    return done.stdout


def rows(url: str, query: str, *values: Any) -> list[tuple]:
    with psycopg.connect(url) as connection:
        return connection.execute(query, values or None).fetchall()


def value(url: str, query: str, *values: Any) -> Any:
    """The one value of a query that gives one."""
    ((found,),) = rows(url, query, *values)
    return found


def change(url: str, statement: str, *values: Any) -> int:
    """Run a statement that changes something; how many rows it touched."""
    with psycopg.connect(url) as connection:
        return connection.execute(statement, values or None).rowcount


def tables(url: str) -> list[str]:
    """Every table of ours that holds rows itself (partitions, not their parent)."""
    found = rows(
        url,
        "select format('%%I.%%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace "
        "where c.relkind = 'r' and n.nspname = any(%s) order by 1",
        list(SCHEMAS),
    )
    return [name for (name,) in found]


def fingerprint(url: str, *, without: frozenset[str] = frozenset()) -> dict[str, tuple[int, int]]:
    """Rows and a content hash of every table: two equal fingerprints mean that nothing changed.

    The list of writing transactions and the log are left out: a run that changes nothing may be in them.
    """
    with psycopg.connect(url) as connection:
        return {
            table: connection.execute(
                f"select count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) from {table} t"
            ).fetchone()
            for table in tables(url)
            if table not in {*without, "publiek.wijziging", "intern.logboek", "intern.logboek_zegel"}
        }  # type: ignore[return-value]
