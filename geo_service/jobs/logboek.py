"""The check of the whole log against its chain, its seals and the remains of removed days."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

import psycopg

from geo_service.db.write.logboek import hash_before, last_line, read_lines, read_removed, read_seals
from geo_service.errors import Refused
from geo_service.spoor.keten import Bevinding, Controle, Regel, Verwijderd, Zegel, check_verwijderd, fault_of
from geo_service.spoor.sleutel import key_name

Span = tuple[date, date]


@dataclass(frozen=True)
class Uitslag:
    """What the check found, and how much it looked at."""

    bevindingen: list[Bevinding]
    regels: int
    dagen: int
    verwijderd: int


def check_log(
    connection: psycopg.Connection, span: Span, publiek: Sequence[bytes], bewaard: Mapping[str, str] | None = None
) -> Uitslag:
    """Check the days of a span. publiek: keys that may have signed; bewaard: a seal that was kept elsewhere."""
    # One view of the log, though lines are added while it is read.
    connection.execute("set transaction isolation level repeatable read")
    keys = {key_name(key): key for key in publiek}
    van, tot = span
    controle = Controle({(seal.dag, seal.nummer): seal for seal in read_seals(connection, Zegel, van, tot)}, keys)
    removed: list[Verwijderd] = read_removed(connection, Verwijderd)
    found = list(check_verwijderd(removed, keys))
    # Before the very first line there is nothing.
    before = hash_before(connection, van) or b""
    found += controle.check(read_lines(connection, Regel, van, tot), before, whole=tot >= _last_day(connection))
    if bewaard is not None:
        found += _check_kept(connection, _parse(bewaard), keys, removed)
    return Uitslag(found, controle.regels, len(controle.dagen), len(removed))


def _last_day(connection: psycopg.Connection) -> date:
    last = last_line(connection)
    return last[0] if last else date.min


def _parse(bewaard: Mapping[str, str]) -> Zegel:
    try:
        return Zegel(
            date.fromisoformat(bewaard["dag"]), int(bewaard["nummer"]), bytes.fromhex(bewaard["hash"]),
            bytes.fromhex(bewaard["handtekening"]), bewaard["sleutel"],
        )  # fmt: skip
    except ValueError:
        raise Refused("Het bewaarde zegel is niet te lezen.") from None


def _check_kept(
    connection: psycopg.Connection, zegel: Zegel, keys: Mapping[str, bytes], removed: Sequence[Verwijderd]
) -> Iterator[Bevinding]:
    """The line of a seal that was kept elsewhere must still be there, unless its day was removed by retention."""
    reason = fault_of(zegel.text, zegel.handtekening, keys.get(zegel.sleutel))
    if reason is not None:
        yield Bevinding(zegel.dag, zegel.nummer, f"het bewaarde zegel: {reason}")
    lines = read_lines(connection, Regel, zegel.dag, zegel.dag)
    if any(day.dag == zegel.dag for day in removed):
        return
    if not any(line.nummer == zegel.nummer and line.hash == zegel.hash for line in lines):
        yield Bevinding(zegel.dag, zegel.nummer, "de regel van het bewaarde zegel staat niet meer in het logboek.")


def newest_lines(connection: psycopg.Connection, span: Span, where: Mapping[str, str], aantal: int) -> list[Regel]:
    """The last lines of a span that contain these texts, oldest first."""
    return list(deque(read_lines(connection, Regel, *span, where), maxlen=aantal))


def newest_seal(connection: psycopg.Connection) -> dict[str, Any] | None:
    """The seal of the last sealed line, as texts; None when there is none."""
    seals: list[Zegel] = read_seals(connection, Zegel, date.min, date.max)
    if not seals:
        return None
    held = asdict(replace(seals[-1]))
    return {name: value.hex() if isinstance(value, bytes) else str(value) for name, value in held.items()}
