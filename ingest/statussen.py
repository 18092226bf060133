"""Translate the state of a report into the four that we know."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ingest.records import Note

_MAX_SHOWN = 60

# Signalen (its codes and its words), Open311, and common Dutch words.
_KNOWN = {
    "m": "gemeld",
    "gemeld": "gemeld",
    "nieuw": "gemeld",
    "open": "gemeld",
    "new": "gemeld",
    "i": "in_behandeling",
    "b": "in_behandeling",
    "h": "in_behandeling",
    "ingepland": "in_behandeling",
    "ready to send": "in_behandeling",
    "sent": "in_behandeling",
    "send failed": "in_behandeling",
    "done external": "in_behandeling",
    "forward to external": "in_behandeling",
    "reaction requested": "in_behandeling",
    "reaction received": "in_behandeling",
    "closure requested": "in_behandeling",
    "reopen requested": "in_behandeling",
    "reopened": "in_behandeling",
    "heropend": "in_behandeling",
    "in behandeling": "in_behandeling",
    "in afwachting van behandeling": "in_behandeling",
    "on hold": "in_behandeling",
    "o": "afgehandeld",
    "afgehandeld": "afgehandeld",
    "afgerond": "afgehandeld",
    "gereed": "afgehandeld",
    "gesloten": "afgehandeld",
    "opgelost": "afgehandeld",
    "closed": "afgehandeld",
    "a": "geannuleerd",
    "geannuleerd": "geannuleerd",
    "ingetrokken": "geannuleerd",
    "cancelled": "geannuleerd",
    # The parts of a split report arrive as reports of their own; counting the parent too would count it
    # twice.
    "s": "geannuleerd",
    "gesplitst": "geannuleerd",
}


@dataclass(frozen=True, slots=True)
class MappedStatuses:
    """values: (n,) object, one of gemeld, in_behandeling, afgehandeld, geannuleerd or None."""

    values: np.ndarray
    notes: tuple[Note, ...]


def map_statuses(values: pd.Series, extra: MappingType[str, str]) -> MappedStatuses:
    """extra: the municipality's own words, which go first. An unknown word gives None and a note."""
    own = {_plain(name): code for name, code in extra.items()}
    places, words = pd.factorize(values)
    found = [own.get(_plain(str(word))) or _KNOWN.get(_plain(str(word))) for word in words]
    counts = np.bincount(places[places >= 0], minlength=len(words))
    notes = tuple(
        Note("status_onbekend", f"Onbekende status {str(word)[:_MAX_SHOWN]}: weggelaten.", int(count))
        for word, code, count in zip(words, found, counts, strict=True)
        if code is None
    )
    return MappedStatuses(np.array([*found, None], dtype=object)[places], notes[:_MAX_SHOWN])


def _plain(word: str) -> str:
    return " ".join(word.casefold().replace("_", " ").split())
