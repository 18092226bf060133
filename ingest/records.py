"""What every reader hands over: batches of validated records, rejects with a reason, and notes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pandas as pd


@dataclass(frozen=True, slots=True)
class Reject:
    """One record that was refused.

    line: 1-based line (text files, header = 1) or record number (JSON, XML, layers).
    code: stable reason code, for example ``datum_voor_2000``.
    reason: a Dutch sentence. key: the source's own key, cut to 80 characters; never free text of the record.
    """

    line: int
    code: str
    reason: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was kept but must be said, with how often it happened. Notes with equal code and text add up."""

    code: str
    text: str
    count: int = 1


@dataclass(frozen=True)
class Batch:
    """A slice of a source.

    records: validated rows with exactly the columns the reader documents, RangeIndex.
    read: records read from the source for this batch, rejected ones included.
    """

    records: pd.DataFrame
    read: int
    rejects: tuple[Reject, ...] = ()
    notes: tuple[Note, ...] = field(default=())


Batches = Iterator[Batch]
