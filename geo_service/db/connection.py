"""Where the database is, as whom to connect, and the one connection with the owner's rights."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from geo_service.db.cluster import locate_cluster
from geo_service.errors import Unavailable
from geo_service.onderbreking import stop_if_interrupted
from geo_service.settings import Settings, get_settings

GONE = "De database is nu niet bereikbaar. Probeer het over een minuut opnieuw; er is niets verloren."

NO_URL = (
    "De instelling BUURTSIGNAAL_DATABASE_URL is geen database-URL. Schrijf bijvoorbeeld "
    "postgresql://gebruiker@server/database."
)


class Role(StrEnum):
    """Database roles that requests run as; none owns a table or bypasses row security.

    TOEGANG keeps sessions, keys and the log; WERK what staff write down. Neither reads a figure.
    """

    PUBLIEK = "bs_publiek"
    DIENST = "bs_dienst"
    TOEGANG = "bs_toegang"
    WERK = "bs_werk"


# Of the request roles only these write, and only in tables of their own.
WRITERS = frozenset({Role.TOEGANG, Role.WERK})


def database_url(settings: Settings | None = None) -> str:
    """The privileged URL: the setting, else the private cluster's, which is started when it is not running."""
    settings = settings or get_settings()
    if settings.database_url:
        return plain_url(settings.database_url)
    cluster = locate_cluster()
    if not cluster.running:
        cluster.start()
    return cluster.url


def plain_url(url: str) -> str:
    """A libpq URL, whatever driver prefix the user put before ``://``."""
    scheme, separator, rest = url.partition("://")
    return f"{scheme.partition('+')[0]}{separator}{rest}" if separator else url


def role_conninfo(url: str, role: Role, settings: Settings | None = None) -> str:
    """The connection string of a request role on the same database."""
    settings = settings or get_settings()
    changes: dict[str, Any] = {"user": role.value, "application_name": "buurtsignaal"}
    if settings.rol_wachtwoord is not None:
        changes["password"] = settings.rol_wachtwoord.get_secret_value()
    else:
        changes["password"] = conninfo_to_dict(url).get("password") or None
    return make_conninfo(url, **{name: value for name, value in changes.items() if value is not None})


@contextmanager
def privileged_connection(url: str | None = None, *, autocommit: bool = False) -> Iterator[psycopg.Connection]:
    """A synchronous connection with the owner's rights, for migrations, loading and jobs; Unavailable when it fails.

    Stored when the block ends well and nobody asked to stop.
    """
    try:
        connection = psycopg.connect(url or database_url(), autocommit=autocommit, application_name="buurtsignaal")
    except psycopg.OperationalError as error:
        raise Unavailable(GONE) from error
    except psycopg.ProgrammingError as error:
        raise Unavailable(NO_URL) from error
    with connection:
        yield connection
        stop_if_interrupted()
