"""Write all papers in a folder."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from geo_service.errors import Refused
from geo_service.verantwoording.algoritmeregister import make_registrations
from geo_service.verantwoording.dpia import list_missing, make_annex
from geo_service.verantwoording.feiten import gather
from geo_service.verantwoording.verwerkingsregister import make_register

REGISTER_CSV = "verwerkingsregister.csv"
REGISTER_JSON = "verwerkingsregister.json"
DPIA = "dpia-bijlage.md"
ALGORITMEN = "algoritmeregister.json"


def write_papers(url: str, folder: Path) -> list[str]:
    """Write the four papers; what is missing in them, one line each. Refused when the folder cannot be written."""
    feiten = gather(url)
    register = make_register(feiten)
    algoritmen = make_registrations(feiten)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_csv(folder / REGISTER_CSV, register)
        _write_json(folder / REGISTER_JSON, register)
        _write_json(folder / ALGORITMEN, algoritmen)
        (folder / DPIA).write_text(make_annex(feiten, register), encoding="utf-8")
    except OSError:
        raise Refused(f"De map {folder} kan niet worden geschreven. Kies een andere.") from None
    return list_missing(register)


def _write_csv(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows({name: _as_text(value) for name, value in row.items()} for row in rows)


def _as_text(value: str) -> str:
    """A spreadsheet takes these signs at the start for a formula."""
    return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def _write_json(path: Path, document: Any) -> None:
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
