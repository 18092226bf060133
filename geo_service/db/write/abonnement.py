"""Subscriptions as the job that sends the mail sees them: with the rights of the owner, one row at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row


@dataclass(frozen=True)
class Abonnee:
    """Whom a mail goes to. gezien: the last period of each source that was told about before."""

    nummer: int
    gemeente_code: str
    stadsdelen: tuple[str, ...]
    adres: str
    bevestigd_op: datetime
    gezien: Mapping[str, str]


def list_waiting(connection: psycopg.Connection, week: str) -> list[Abonnee]:
    """Confirmed subscriptions that had no mail in this week, the oldest first."""
    with connection.cursor(row_factory=class_row(Abonnee)) as cursor:
        return cursor.execute(
            "select nummer, gemeente_code, stadsdelen, adres, bevestigd_op, gezien from intern.abonnement "
            "where bevestigd_op is not null and verstuurd_week is distinct from %s order by nummer",
            (week,),
        ).fetchall()


def claim(connection: psycopg.Connection, nummer: int, week: str) -> bool:
    """Mark before sending, so that nobody gets it twice, whoever else is sending. False when it was claimed before, or
    the subscription has gone."""
    done = connection.execute(
        "update intern.abonnement set verstuurd_week = %s where nummer = %s and verstuurd_week is distinct from %s",
        (week, nummer, week),
    )
    return done.rowcount == 1


def give_back(connection: psycopg.Connection, nummer: int) -> None:
    """It was certainly not sent: the next run tries again."""
    connection.execute("update intern.abonnement set verstuurd_week = null where nummer = %s", (nummer,))


def note_told(connection: psycopg.Connection, nummer: int, stand: Mapping[str, str]) -> None:
    connection.execute("update intern.abonnement set gezien = %s where nummer = %s", (json.dumps(dict(stand)), nummer))
