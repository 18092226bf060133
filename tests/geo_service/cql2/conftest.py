from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from tests.geo_service.cql2.table import CREATE, Ding
from tests.geo_service.server import Server


@pytest.fixture(scope="module")
def connection(server: Server, worker: str, migrated: str) -> Iterator[psycopg.Connection]:
    """A database with PostGIS, for the tests of one file."""
    name = f"{worker}_cql2"
    with psycopg.connect(server.clone(migrated, name), autocommit=True) as opened:
        yield opened
    server.drop(name)


@pytest.fixture(scope="module")
def ding(connection: psycopg.Connection) -> Ding:
    connection.execute(CREATE)
    return Ding(connection)
