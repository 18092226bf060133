"""Every command that does something stands in the log: by whom, which one and how it ended."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from rich.console import Console

from geo_service.db.cluster import locate_cluster
from geo_service.db.connection import database_url, privileged_connection
from geo_service.db.write.logboek import last_line, log_exists
from geo_service.errors import BuurtsignaalError
from geo_service.onderbreking import interruption_handled
from geo_service.settings import get_settings

# What changes nothing and shows nobody's data; what writes its own lines; and the website, which is followed by itself.
SILENT = frozenset({
    "db start", "db stop", "db status", "demo", "serve", "kaart", "inzage", "logboek sleutel", "logboek zegel",
})  # fmt: skip
TOLD = frozenset({
    "--bron", "--gemeente", "--jaar", "--methode", "--van", "--tot", "--rol", "--stadsdeel", "--formaat", "--dagen",
})  # fmt: skip
OUTCOMES = {0: "gelukt", 1: "geweigerd", 130: "afgebroken"}
USAGE = 2
NOT_NOTED = "Let op: deze opdracht kon niet worden vastgelegd in het logboek."


@contextmanager
def noted(words: Sequence[str], groups: Sequence[str]) -> Iterator[None]:
    """Write a command down when it ends. groups: words that stand for a set of commands.

    A command that was carried out and could not be written down ends with an error.
    """
    name = command_name(words, groups)
    if name is None or "--help" in words:
        yield
        return
    told = [*describe(name, words), *(_last_of_old_log() if name == "db reset" else ())]
    try:
        yield
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
        if code != USAGE and not _note(told, OUTCOMES.get(code, "fout")) and code == 0:
            Console(stderr=True, soft_wrap=True).print(NOT_NOTED)
            sys.exit(1)
        raise
    except BaseException:
        _note(told, "fout")
        raise


def command_name(words: Sequence[str], groups: Sequence[str]) -> str | None:
    """The command that was typed; None for one that is not written down."""
    name = " ".join(words[: 2 if words and words[0] in groups else 1])
    return None if not name or name.startswith("-") or name in SILENT else name


def describe(name: str, words: Sequence[str]) -> list[str]:
    """The command as the log tells it: names of options, values of area, source and period, and names of files."""
    told, rest = [name], list(words[len(name.split()) :])
    while rest:
        word, equals, value = rest.pop(0).partition("=")
        if not word.startswith("-"):
            told.append(_file_name(word))
            continue
        has_value = bool(equals) or bool(rest and not rest[0].startswith("-"))
        if has_value and not equals:
            value = rest.pop(0)
        told.append(f"{word}={value}" if has_value and word in TOLD else word)
    return told


def _file_name(word: str) -> str:
    """Never a folder, and never the query of an address, which may hold a token."""
    return Path(urlsplit(word).path).name


def _last_of_old_log() -> list[str]:
    """What the log ended with that is about to be thrown away."""
    with privileged_connection(database_url()) as connection:
        last = last_line(connection) if log_exists(connection) else None
    return [f"(vorig logboek tot {last[0]} regel {last[1]}, {last[2].hex()})"] if last else []


def _note(told: Sequence[str], uitkomst: str) -> bool:
    """Write it down; whether that worked. Without a database there is nothing that was done."""
    # Imported late: cryptography costs start-up time that help does not need.
    from geo_service.spoor.opdracht import command_event, note_now

    interruption_handled()
    try:
        if not get_settings().database_url and not locate_cluster().running:
            return True
        with privileged_connection(database_url()) as connection:
            if log_exists(connection):
                note_now(connection, command_event(" ".join(told), uitkomst))
    except (BuurtsignaalError, psycopg.Error):
        return False
    return True
