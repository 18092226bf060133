"""Find the columns that a reader may use; everything outside this allow-list is not read and is named
once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ingest.checks import MAX_UNREAD_FIELD, REASONS, longer_than
from ingest.errors import ColumnsMissing
from ingest.mapping import Mapping, check_roles, is_forbidden, simple_name
from ingest.records import Note, Reject
from ingest.tables import describe_table, read_table

Aliases = MappingType[str, Sequence[str]]
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """columns: role -> column of the source. unread: the other columns. notes: what to tell about them."""

    columns: MappingType[str, str]
    unread: tuple[str, ...]
    notes: tuple[Note, ...] = ()

    def has(self, *roles: str) -> bool:
        return all(role in self.columns for role in roles)


@dataclass(frozen=True, slots=True)
class RoleRows:
    """Rows of one chunk as text, before validation.

    frame: int64 `line` and one object column (str or None) per role that the source has; RangeIndex.
    read: rows read, those in rejects included.
    """

    frame: pd.DataFrame
    read: int
    rejects: tuple[Reject, ...] = ()
    notes: tuple[Note, ...] = ()


def plan_columns(names: Sequence[str], aliases: Aliases, mapping: Mapping) -> ColumnPlan:
    """Which column plays which role: as the mapping says, else by common names (earlier alias wins).

    Raises ColumnsMissing when the mapping names an absent column, SourceUnreadable when it names an unknown
    role.
    """
    check_roles(mapping, tuple(aliases))
    columns = _mapped(names, mapping) if mapping.kolommen else _recognised(names, aliases)
    return make_plan(names, columns)


def make_plan(names: Sequence[str], columns: MappingType[str, str]) -> ColumnPlan:
    unread = tuple(name for name in names if name not in columns.values())
    return ColumnPlan(dict(columns), unread, unread_notes(unread))


def require_roles(plan: ColumnPlan, roles: Sequence[str], name: str) -> None:
    missing = [role for role in roles if role not in plan.columns]
    if missing:
        present = ", ".join((*plan.columns.values(), *plan.unread))[:300]
        raise ColumnsMissing(
            f"{name} mist een kolom voor {', '.join(missing)}. Noem de kolom in een mapping. Aanwezig: {present}."
        )


def unread_notes(names: Sequence[str]) -> tuple[Note, ...]:
    """One note that names the columns outside the allow-list, and which of them are never read."""
    if not names:
        return ()
    forbidden = [name[:_SHOWN] for name in names if is_forbidden(name)]
    other = [name[:_SHOWN] for name in names if not is_forbidden(name)]
    parts = [f"Niet gelezen kolommen: {', '.join(other)}."] if other else []
    if forbidden:
        parts.append(f"Nooit gelezen (herkomst, nationaliteit of religie): {', '.join(forbidden)}.")
    return (Note("kolommen_niet_gelezen", " ".join(parts)),)


def read_roles(path: Path, plan: ColumnPlan, chunk_rows: int) -> Iterator[RoleRows]:
    """The planned columns of a CSV or Excel file, renamed to their roles; notes of the file come with the
    first chunk."""
    notes: tuple[Note, ...] = (*describe_table(path).notes, *plan.notes)
    rejects: list[Reject] = []
    for frame in read_table(path, chunk_rows=chunk_rows, rejects=rejects):
        count = len(frame) + len(rejects)
        swallowed, frame = _without_swallowed(frame, plan.unread)
        yield RoleRows(select_roles(frame, plan), count, (*_drain(rejects), *swallowed), notes)
        notes = ()
    if rejects or notes:
        left = _drain(rejects)
        empty = pd.DataFrame({"line": pd.Series(dtype="int64")} | {role: [] for role in plan.columns}, dtype=object)
        yield RoleRows(empty.astype({"line": "int64"}), len(left), left, notes)


def select_roles(frame: pd.DataFrame, plan: ColumnPlan) -> pd.DataFrame:
    """`line` and one column per role, which may share a source column."""
    return pd.DataFrame({"line": frame["line"]} | {role: frame[name] for role, name in plan.columns.items()})


def role(frame: pd.DataFrame, name: str) -> pd.Series:
    """The column of a role; all None when the source has none."""
    if name in frame.columns:
        return frame[name]
    return pd.Series([None] * len(frame), index=frame.index, dtype=object)


def _drain(rejects: list[Reject]) -> tuple[Reject, ...]:
    taken = tuple(rejects)
    rejects.clear()
    return taken


def _without_swallowed(frame: pd.DataFrame, unread: Sequence[str]) -> tuple[tuple[Reject, ...], pd.DataFrame]:
    """Take out rows in which a field that is not read is absurdly long: an open quote ate the rows after
    it."""
    too_long = pd.Series(False, index=frame.index)
    for name in unread:
        too_long |= longer_than(frame[name], MAX_UNREAD_FIELD)
    if not too_long.any():
        return (), frame
    lines = frame["line"][too_long]
    rejects = tuple(Reject(int(line), "veld_te_lang", REASONS["veld_te_lang"]) for line in lines)
    return rejects, frame[~too_long].reset_index(drop=True)


def _mapped(names: Sequence[str], mapping: Mapping) -> dict[str, str]:
    by_simple = {simple_name(name): name for name in reversed(names)}
    columns: dict[str, str] = {}
    for wanted_role, wanted in mapping.kolommen.items():
        found = wanted if wanted in names else by_simple.get(simple_name(wanted))
        if found is None:
            raise ColumnsMissing(
                f"De mapping noemt de kolom {wanted} (voor {wanted_role}), maar die is er niet. "
                f"Aanwezig: {', '.join(names)[:300]}."
            )
        columns[wanted_role] = found
    return columns


def _recognised(names: Sequence[str], aliases: Aliases) -> dict[str, str]:
    free = {simple_name(name): name for name in reversed(names) if not is_forbidden(name)}
    columns: dict[str, str] = {}
    for wanted_role, options in aliases.items():
        found = next((option for option in options if option in free), None)
        if found is not None:
            columns[wanted_role] = free.pop(found)
    return columns
