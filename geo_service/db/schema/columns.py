"""How a column is made: with a disclosure class, and the columns that a public and an internal table share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Double,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
)  # fmt: skip
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

SRID = 28992
metadata = MetaData()

# Keys are compared byte by byte: faster than a language's sort order, and the same on every machine.
Key = Text(collation="C")


def _column_of(klasse: str) -> Callable[..., Column[Any]]:
    def make(name: str, type_: Any, *args: Any, nullable: bool = True, **kwargs: Any) -> Column[Any]:
        return Column(name, type_, *args, nullable=nullable, info={"klasse": klasse}, **kwargs)

    return make


openbaar = _column_of("openbaar")
intern = _column_of("intern")
vertrouwelijk = _column_of("vertrouwelijk")


def point(make: Callable[..., Column[Any]], kind: str = "POINT") -> Column[Any]:
    return make("geom", Geometry(kind, srid=SRID, spatial_index=False))


def public_table(name: str, *items: Any, **kwargs: Any) -> Table:
    return Table(name, metadata, *items, schema="publiek", **kwargs)


def internal_table(name: str, *items: Any, **kwargs: Any) -> Table:
    return Table(name, metadata, *items, schema="intern", **kwargs)


def berekening_columns(make: Callable[..., Column[Any]]) -> list[Any]:
    """A view on the current runs: per method that was computed why there is no result, as a whole and per class."""
    keys = [make(name, Key) for name in ("gemeente_code", "bron", "periode")]
    return [*keys, make("methode", Text), make("reden", Text), make("reden_per_klasse", JSONB)]


def voorziening_columns(make: Callable[..., Column[Any]]) -> list[Any]:
    texts = (
        "naam",
        "type",
        "aanbieder",
        "aanbieder_soort",
        "lijn",
        "leefgebied",
        "doelgroep",
        "openingstijden",
        "bereik",
    )
    return [
        make("gemeente_code", Key, nullable=False),
        make("bron", Key, nullable=False),
        make("sleutel", Key, nullable=False),
        *(make(name, Text) for name in texts),
        make("capaciteit", Double),
        make("geldig_van", Date),
        make("geldig_tot", Date),
        make("zonder_verwijzing", Boolean),
        make("buurt_code", Key),
        make("inhoud_hash", BigInteger, nullable=False),
        point(make),
    ]


def hotspot_columns(make: Callable[..., Column[Any]]) -> list[Any]:
    return [
        make("gemeente_code", Key, nullable=False),
        make("run_id", BigInteger, nullable=False),
        make("nummer", Integer, nullable=False),
        make("bron", Key, nullable=False),
        make("methode", Key, nullable=False),
        make("categorie", Key, nullable=False),
        make("klasse", Key, nullable=False),
        make("van", Date, nullable=False),
        make("tot", Date, nullable=False),
        make("periode", Key, nullable=False),
        make("stadsdeel_code", Key),
        make("buurten", ARRAY(Text), nullable=False),
        make("aantal", Integer),
        make("plekken", Integer),
        make("plekken_soort", Text),
        make("verwacht", Double),
        make("verhouding", Double),
        make("p_waarde", Double),
        make("begin", Date),
        make("eind", Date),
        make("status", Text, nullable=False),
        make("kaartje", JSONB, nullable=False),
        point(make, "MULTIPOLYGON"),
        PrimaryKeyConstraint("gemeente_code", "run_id", "nummer"),
    ]
