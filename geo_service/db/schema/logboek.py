"""The trail: the log and its seals, emergency access, and up to where reports were removed."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Text,
    text,
)

from geo_service.db.schema.columns import Key, intern, internal_table, vertrouwelijk

MOMENT = DateTime(timezone=True)

logboek = internal_table(
    "logboek",
    intern("dag", Date, nullable=False),
    intern("nummer", Integer, nullable=False),
    intern("moment", MOMENT, nullable=False),
    vertrouwelijk("actor", Key, nullable=False),
    intern("rol", Key, nullable=False),
    intern("handeling", Key, nullable=False),
    intern("object", Text, nullable=False),
    intern("uitkomst", Text, nullable=False),
    vertrouwelijk("herkomst", Text, nullable=False),
    intern("kenmerk", Key, nullable=False),
    intern("vorige", LargeBinary, nullable=False),
    intern("hash", LargeBinary, nullable=False),
    PrimaryKeyConstraint("dag", "nummer"),
)

logboek_zegel = internal_table(
    "logboek_zegel",
    intern("dag", Date, nullable=False),
    intern("nummer", Integer, nullable=False),
    intern("hash", LargeBinary, nullable=False),
    intern("handtekening", LargeBinary, nullable=False),
    intern("sleutel", Key, nullable=False),
    intern("gezet_op", MOMENT, nullable=False, server_default=text("clock_timestamp()")),
    PrimaryKeyConstraint("dag", "nummer"),
)

logboek_verwijderd = internal_table(
    "logboek_verwijderd",
    intern("dag", Date, primary_key=True, nullable=False),
    intern("aantal", Integer, nullable=False),
    intern("vorige", LargeBinary, nullable=False),
    intern("hash", LargeBinary, nullable=False),
    intern("handtekening", LargeBinary, nullable=False),
    intern("sleutel", Key, nullable=False),
    intern("verwijderd_op", MOMENT, nullable=False, server_default=text("clock_timestamp()")),
)

noodtoegang = internal_table(
    "noodtoegang",
    intern("id", BigInteger, Identity(always=True), primary_key=True, nullable=False),
    intern("gemeente_code", Key, nullable=False),
    intern("stadsdeel_code", Key, nullable=False),
    vertrouwelijk("actor", Key, nullable=False),
    intern("rol", Key, nullable=False),
    vertrouwelijk("reden", Text, nullable=False),
    intern("van", MOMENT, nullable=False, server_default=text("now()")),
    intern("tot", MOMENT, nullable=False),
    intern("beeindigd_op", MOMENT),
    vertrouwelijk("beeindigd_door", Key),
)
Index("noodtoegang_tot", noodtoegang.c.tot)

opgeruimd = internal_table(
    "opgeruimd",
    intern("gemeente_code", Key, nullable=False),
    intern("bron", Key, nullable=False),
    intern("tot", Date, nullable=False),
    intern("opgeruimd_op", MOMENT, nullable=False, server_default=text("now()")),
    PrimaryKeyConstraint("gemeente_code", "bron"),
)
