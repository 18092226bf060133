"""What staff write down for each other (notes) and keep for themselves (saved views, their last visit)."""

from __future__ import annotations

from sqlalchemy import BigInteger, Identity, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from geo_service.db.schema.columns import Key, intern, internal_table, vertrouwelijk
from geo_service.db.schema.logboek import MOMENT

notitie = internal_table(
    "notitie",
    intern("nummer", BigInteger, Identity(always=True), primary_key=True, nullable=False),
    intern("gemeente_code", Key, nullable=False),
    intern("gebied_code", Key, nullable=False),
    intern("bron", Key),
    intern("periode", Key),
    intern("oordeel", Key, nullable=False),
    vertrouwelijk("tekst", Text, nullable=False),
    vertrouwelijk("medewerker", Key, nullable=False),
    intern("rol", Key, nullable=False),
    intern("geschreven_op", MOMENT, nullable=False, server_default=text("now()")),
    intern("gewijzigd_op", MOMENT),
)
Index("notitie_gebied", notitie.c.gemeente_code, notitie.c.gebied_code)

# Of each field of a place one correction holds: that without ingetrokken_op.
correctie = internal_table(
    "correctie",
    intern("nummer", BigInteger, Identity(always=True), primary_key=True, nullable=False),
    intern("gemeente_code", Key, nullable=False),
    intern("laag", Key, nullable=False),
    intern("bron", Key, nullable=False),
    intern("sleutel", Key, nullable=False),
    intern("veld", Key, nullable=False),
    intern("oud", Text),
    intern("waarde", Text, nullable=False),
    vertrouwelijk("reden", Text, nullable=False),
    vertrouwelijk("medewerker", Key, nullable=False),
    intern("rol", Key, nullable=False),
    intern("gecorrigeerd_op", MOMENT, nullable=False, server_default=text("now()")),
    intern("ingetrokken_op", MOMENT),
    vertrouwelijk("ingetrokken_door", Key),
)
Index(
    "correctie_geldig",
    *(correctie.c[name] for name in ("gemeente_code", "laag", "bron", "sleutel", "veld")),
    unique=True,
    postgresql_where=correctie.c.ingetrokken_op.is_(None),
)

weergave = internal_table(
    "weergave",
    intern("nummer", BigInteger, Identity(always=True), primary_key=True, nullable=False),
    vertrouwelijk("medewerker", Key, nullable=False),
    vertrouwelijk("naam", Text, nullable=False),
    vertrouwelijk("adres", Text, nullable=False),
    intern("bewaard_op", MOMENT, nullable=False, server_default=text("now()")),
)
Index("weergave_naam", weergave.c.medewerker, weergave.c.naam, unique=True)

laatste_bezoek = internal_table(
    "laatste_bezoek",
    vertrouwelijk("medewerker", Key, primary_key=True, nullable=False),
    intern("gezien_op", MOMENT, nullable=False, server_default=text("now()")),
    intern("gezien", JSONB, nullable=False, server_default=text("'{}'")),
    intern("vorige_op", MOMENT),
    intern("vorige", JSONB),
)

# adres is set in mails only; gezien: the last period of each source that was told about.
abonnement = internal_table(
    "abonnement",
    intern("nummer", BigInteger, Identity(always=True), primary_key=True, nullable=False),
    intern("gemeente_code", Key, nullable=False),
    intern("stadsdelen", ARRAY(Text), nullable=False),
    vertrouwelijk("medewerker", Key, nullable=False),
    vertrouwelijk("adres", Text, nullable=False),
    intern("aangevraagd_op", MOMENT, nullable=False, server_default=text("now()")),
    intern("bevestigd_op", MOMENT),
    intern("verstuurd_week", Key),
    intern("gezien", JSONB, nullable=False, server_default=text("'{}'")),
)
Index("abonnement_medewerker", abonnement.c.medewerker, unique=True)
