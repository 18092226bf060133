"""The annex for a DPIA: the seventeen points of the model of the Dutch state, filled in as far as the service knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from geo_service.verantwoording import beschrijvingen
from geo_service.verantwoording.feiten import Feiten, is_missing, missing
from geo_service.verantwoording.verwerkingsregister import BRONNEN_TOML

# Markdown: a text may not end a cell of a table, and nothing in it is markup.
_ESCAPES = str.maketrans({"|": "\\|", "\n": " ", "<": "&lt;", ">": "&gt;"})


def make_annex(feiten: Feiten, register: Sequence[Mapping[str, str]]) -> str:
    """The annex as Markdown. register: the rows of the register of processing."""
    environment = Environment(  # noqa: S701  (Markdown; what comes from outside is escaped by _plain)
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        finalize=_plain,
        keep_trailing_newline=True,
    )
    return environment.get_template("dpia.md.jinja").render(
        feiten=feiten,
        register=register,
        risicos=beschrijvingen.risicos(),
        rollen=beschrijvingen.rollen(),
        methoden=beschrijvingen.methoden().values(),
        tabellen=[tabel for tabel in feiten.tabellen if tabel.persoonsgegevens != "geen"],
        ontbreekt=list_missing(register),
    )


def list_missing(register: Sequence[Mapping[str, str]]) -> list[str]:
    """What nobody registered: first what is missing everywhere, then one line per processing."""
    absent = [{text.removeprefix(missing("")) for text in row.values() if is_missing(text)} for row in register]
    everywhere = set.intersection(*absent)
    lines = [f"Instelling {name}" for name in sorted(everywhere)]
    for row, names in zip(register, absent, strict=True):
        own = sorted(name.removesuffix(f" {BRONNEN_TOML}") for name in names - everywhere)
        if own:
            lines.append(f"{row['verwerking']}: {', '.join(own)}")
    return lines


def _plain(value: object) -> object:
    return value.translate(_ESCAPES) if isinstance(value, str) else value
