"""Commands in the log: what somebody with the rights of the owner did, by their name on the system."""

from __future__ import annotations

from datetime import date

import psycopg

from geo_service.db.queries.logboek import Seal
from geo_service.db.write.logboek import append_lines
from geo_service.errors import Unavailable
from geo_service.identity import read_secret
from geo_service.spoor.gebeurtenis import OPDRACHT, Gebeurtenis, system_actor
from geo_service.spoor.keten import seal_text
from geo_service.spoor.sleutel import Ondertekenaar

ROL = "eigenaar"
CLOSED = "Dit kan nu niet in het logboek worden vastgelegd en gaat daarom niet door."


def own_seal() -> Seal:
    """Seals with the secret of this service."""
    ondertekenaar = Ondertekenaar(read_secret())

    def seal(dag: date, nummer: int, hash_: bytes) -> tuple[bytes, str]:
        return ondertekenaar.sign(seal_text(dag, nummer, hash_)), ondertekenaar.sleutel

    return seal


def command_event(object_: str, uitkomst: str, *, handeling: str = OPDRACHT) -> Gebeurtenis:
    return Gebeurtenis(system_actor(), ROL, handeling, object_, uitkomst)


def note_now(connection: psycopg.Connection, *events: Gebeurtenis) -> None:
    """Write events down in the transaction of this connection; Unavailable when the log does not take them."""
    try:
        append_lines(connection, [event.as_dict() for event in events], own_seal())
    except psycopg.ProgrammingError as error:
        raise Unavailable(CLOSED) from error
