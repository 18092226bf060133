"""Translate a source's category into ours; what is unknown becomes overig-overig and is reported."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from data.codelists import UNKNOWN_CATEGORIE, load_categorieen, load_source_categorieen, sub_categorie_codes
from ingest.records import Note

# Longer texts are no category names; a mapping error must not carry free text into a record.
_MAX_NAME = 120
_MAX_NOTES = 25
_CACHE_SIZE = 20_000


@dataclass(frozen=True, slots=True)
class MappedCategories:
    """bron_categorie: (n,) object, "hoofd/sub" or None. categorie: (n,) object, our code. notes: what was
    not known."""

    bron_categorie: np.ndarray
    categorie: np.ndarray
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    name: str | None
    code: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class _Index:
    by_sub: MappingType[str, str]
    by_pair: MappingType[tuple[str, str], str]
    by_head: MappingType[str, str]
    by_label: MappingType[str, str]


def slugify(text: str) -> str:
    """`Veeg- / zwerfvuil` -> `veeg-zwerfvuil`; ASCII."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    return re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "")).strip("-")


class CategoryMapper:
    """extra: the municipality's own table (source name -> our code), which goes first. fixed: one code for
    every row."""

    def __init__(self, extra: MappingType[str, str] | None = None, fixed: str | None = None) -> None:
        self._extra = {slugify(name): code for name, code in (extra or {}).items()}
        self._fixed = fixed
        self._known: dict[tuple[str | None, str | None], _Found] = {}

    def map(self, heads: pd.Series, subs: pd.Series) -> MappedCategories:
        """heads, subs: (n,) texts or None. Each distinct pair is looked up once."""
        head_codes, head_names = pd.factorize(heads)
        sub_codes, sub_names = pd.factorize(subs)
        width = len(sub_names) + 1
        inverse, pairs = pd.factorize((head_codes + 1) * width + sub_codes + 1)
        found = [
            self._find(_name(head_names, int(pair) // width), _name(sub_names, int(pair) % width)) for pair in pairs
        ]
        counts = np.bincount(inverse, minlength=len(found))
        names = np.array([item.name for item in found] + [None], dtype=object)
        codes = np.array([item.code for item in found] + [None], dtype=object)
        return MappedCategories(names[inverse], codes[inverse], _notes(found, counts))

    def _find(self, head: str | None, sub: str | None) -> _Found:
        pair = (head, sub)
        if pair not in self._known:
            if len(self._known) >= _CACHE_SIZE:
                self._known.clear()
            self._known[pair] = self._look_up(head, sub)
        return self._known[pair]

    def _look_up(self, head: str | None, sub: str | None) -> _Found:
        name = "/".join(part for part in (head, sub) if part)[:_MAX_NAME] or None
        if self._fixed is not None:
            return _Found(name, self._fixed)
        head_slug, sub_slug = slugify(head or ""), slugify(sub or "")
        code = self._own_table(head_slug, sub_slug) or _exact(head_slug, sub_slug)
        if code is not None:
            return _Found(name, code)
        code = self._extra.get(head_slug) or _index().by_head.get(head_slug)
        if code is not None:
            known_head = None if not sub_slug else f"Categorie {name} is alleen aan de hoofdcategorie herkend: {code}."
            return _Found(name, code, known_head)
        what = f"Onbekende categorie {name}" if name else "Geen categorie opgegeven"
        return _Found(name, UNKNOWN_CATEGORIE, f"{what}: ingedeeld bij overig.")

    def _own_table(self, head: str, sub: str) -> str | None:
        return self._extra.get(f"{head}-{sub}") or self._extra.get(sub)


def _name(names: pd.Index | np.ndarray, place: int) -> str | None:
    return str(names[place - 1]) if place else None


def _exact(head: str, sub: str) -> str | None:
    index = _index()
    if not sub:
        return index.by_head.get(head) or index.by_label.get(head)
    if sub == "overig" and head in index.by_head:
        return index.by_head[head]
    return index.by_sub.get(sub) or index.by_pair.get((head, sub)) or _by_label(head, sub, index)


def _by_label(head: str, sub: str, index: _Index) -> str | None:
    # A head category where the sub category is expected (one column only) is no better than that head.
    return index.by_label.get(sub) or (None if head else index.by_head.get(sub))


@cache
def _index() -> _Index:
    rows = [row for row in load_source_categorieen() if row.sub_slug]
    heads = {row.hoofd_slug: row.code for row in load_source_categorieen() if not row.sub_slug}
    own = {code: code for code in sub_categorie_codes()}
    own_heads = {row.code: f"{row.code}-overig" for row in load_categorieen() if row.is_head}
    own_heads = {head: code for head, code in own_heads.items() if code in own}
    labels = _unambiguous([(slugify(row.naam), row.code) for row in rows])
    labels |= {slugify(row.naam): row.code for row in load_categorieen() if not row.is_head}
    labels |= {slugify(row.naam): own_heads[row.code] for row in load_categorieen() if row.code in own_heads}
    labels |= {slugify(row.naam): heads[row.hoofd_slug] for row in load_source_categorieen() if not row.sub_slug}
    return _Index(
        by_sub=_unambiguous([(row.sub_slug, row.code) for row in rows]) | own,
        by_pair={(row.hoofd_slug, row.sub_slug): row.code for row in rows},
        by_head=own_heads | heads,
        by_label=labels,
    )


def _unambiguous(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Slugs that mean the same under every head category."""
    meanings = Counter(slug for slug, _ in set(pairs))
    return {slug: code for slug, code in pairs if meanings[slug] == 1}


def _notes(found: list[_Found], counts: np.ndarray) -> tuple[Note, ...]:
    said = [(item.note, int(count)) for item, count in zip(found, counts, strict=True) if item.note]
    said.sort(key=lambda pair: -pair[1])
    notes = [Note("categorie_onbekend", text, count) for text, count in said[:_MAX_NOTES] if text]
    rest = sum(count for _, count in said[_MAX_NOTES:])
    if rest:
        notes.append(Note("categorie_onbekend", "Nog meer onbekende categorieën: ingedeeld bij overig.", rest))
    return tuple(notes)
