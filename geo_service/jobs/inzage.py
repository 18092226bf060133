"""Everything that is held about one reporter, for who asks what we know of them."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pandas as pd
import psycopg
from psycopg.rows import dict_row

from geo_service.db.connection import privileged_connection
from geo_service.errors import Refused
from geo_service.spoor.gebeurtenis import INZAGE
from geo_service.spoor.opdracht import command_event, note_now
from ingest.pseudonym import pseudonymise

NIET = (
    "Notities, vrije tekst, namen en contactgegevens bewaren wij niet. Aantallen per gebied en dag zeggen niets over "
    "één melder en staan hier niet bij."
)


@dataclass(frozen=True)
class Melder:
    """Whose data is asked for: the pseudonym of a reporter in one municipality."""

    gemeente: str
    sleutel: UUID


def melder_of(gemeente: str, *, sleutel: str | None, waarde: str | None, secret: bytes) -> Melder:
    """By pseudonym, or by what the reporter gave (an e-mail address, say). Refused when it is neither."""
    if waarde is not None:
        sleutel = pseudonymise(pd.Series([waarde]), secret, kind="melder")[0]
        if sleutel is None:
            raise Refused("De waarde bij --melder is leeg.")
    try:
        return Melder(gemeente, UUID(sleutel or ""))
    except ValueError:
        raise Refused("De melder-sleutel heeft niet de vorm van een sleutel (32 tekens, 0-9 en a-f).") from None


def export_melder(url: str, melder: Melder, uit: Path) -> int:
    """Write what is held about a reporter to a new file that only its owner can read; the number of reports.

    It stands in the log before the file is there. Refused when the file exists or cannot be made.
    """
    with privileged_connection(url) as connection:
        reports = _reports(connection, melder)
        sources = _sources(connection, melder, sorted({report["bron"] for report in reports}))
        note_now(
            connection, command_event(f"melder in {melder.gemeente}", f"{len(reports)} meldingen", handeling=INZAGE)
        )
    if reports:
        _write(uit, {"meldingen": reports, "bronnen": sources}, melder)
    return len(reports)


def _reports(connection: psycopg.Connection, melder: Melder) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            """
            select m.bron, k.sleutel as kenmerk_van_de_bron, m.tijd, m.tijd_onzeker, m.categorie, m.bron_categorie, m.status,
                m.gesloten_op, m.buurt_code, round(st_x(m.geom)::numeric, 3)::float8 as rd_x,
                round(st_y(m.geom)::numeric, 3)::float8 as rd_y, m.adres::text as adres_sleutel
            from intern.melding m left join intern.melding_sleutel k on k.gemeente_code = m.gemeente_code
                and k.bron = m.bron and k.melding_id = m.melding_id and k.jaar = m.jaar
            where m.gemeente_code = %s and m.melder = %s order by m.tijd, m.melding_id
            """,
            (melder.gemeente, melder.sleutel),
        ).fetchall()


def _sources(connection: psycopg.Connection, melder: Melder, names: list[str]) -> list[dict[str, Any]]:
    """Who keeps it, why and how long, and when it was loaded; per report that is not known."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            """
            select b.naam, b.houder, b.definitie, b.grondslag, b.bewaartermijn_maanden, (
                select coalesce(array_agg(r.begonnen_op order by r.begonnen_op), '{}') from intern.ingest_run r
                where r.bron = b.naam and r.gemeente_code = b.gemeente_code and r.uitkomst = 'opgeslagen') as ingelezen_op
            from publiek.bron b where b.gemeente_code = %s and b.naam = any(%s) order by b.naam
            """,
            (melder.gemeente, names),
        ).fetchall()


def _write(uit: Path, held: dict[str, Any], melder: Melder) -> None:
    made = {"gemeente": melder.gemeente, "melder_sleutel": melder.sleutel.hex, "gemaakt_op": datetime.now(UTC)}
    text = json.dumps(made | held | {"toelichting": NIET}, ensure_ascii=False, indent=2, default=_plain)
    try:
        handle = os.open(uit, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Refused(f"Het bestand {uit} bestaat al. Kies een andere naam.") from None
    except OSError:
        raise Refused(f"Het bestand {uit} kan niet worden gemaakt. Kies een map die bestaat.") from None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text + "\n")


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
