"""Microdata and what is only for staff and jobs."""

from __future__ import annotations

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Double,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Text,
    Uuid,
    text,
)  # fmt: skip
from sqlalchemy.dialects.postgresql import JSONB

from geo_service.db.schema.columns import (
    Key,
    berekening_columns,
    hotspot_columns,
    intern,
    internal_table,
    point,
    vertrouwelijk,
    voorziening_columns,
)  # fmt: skip

hotspot = internal_table("hotspot", *hotspot_columns(intern))
Index("hotspot_geom", hotspot.c.geom, postgresql_using="gist")

hotspot_run = internal_table(
    "hotspot_run",
    intern("run_id", BigInteger, Identity(always=True), primary_key=True, nullable=False),
    intern("gemeente_code", Key, nullable=False),
    intern("bron", Key, nullable=False),
    intern("periode", Key, nullable=False),
    intern("methode", Text, nullable=False),
    intern("parameters", JSONB, nullable=False),
    intern("code_versie", Text, nullable=False),
    intern("bron_versie", BigInteger, nullable=False),
    intern("gemaakt_op", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    intern("seed", BigInteger),
    intern("kenmerk", Text, nullable=False),
    intern("resultaat", JSONB, nullable=False),
    intern("vervangen_op", DateTime(timezone=True)),
)
Index(
    "hotspot_run_huidig",
    hotspot_run.c.gemeente_code,
    hotspot_run.c.bron,
    hotspot_run.c.periode,
    hotspot_run.c.methode,
    unique=True,
    postgresql_where=hotspot_run.c.vervangen_op.is_(None),
)

berekening = internal_table("berekening", *berekening_columns(intern), info={"view": True})

melding = internal_table(
    "melding",
    intern("gemeente_code", Key, nullable=False),
    intern("melding_id", BigInteger, nullable=False),
    intern("jaar", SmallInteger, nullable=False),
    intern("bron", Key, nullable=False),
    intern("tijd", DateTime(timezone=True), nullable=False),
    intern("dag", Date, nullable=False),
    intern("tijd_onzeker", Boolean, nullable=False),
    intern("categorie", Key, nullable=False),
    intern("bron_categorie", Text),
    intern("status", Text),
    intern("buurt_code", Key),
    intern("gesloten_op", DateTime(timezone=True)),
    vertrouwelijk("melder", Uuid),
    vertrouwelijk("adres", Uuid),
    point(intern),
    # For vector tiles; filtering uses geom.
    intern("geom_web", Geometry("POINT", srid=3857, spatial_index=False)),
    # The number first: building this index over a million equal municipality codes costs seconds.
    PrimaryKeyConstraint("melding_id", "jaar", "gemeente_code"),
    postgresql_partition_by="RANGE (jaar)",
)
Index("melding_geom", melding.c.geom, postgresql_using="gist")
Index("melding_dag", melding.c.dag, melding.c.gemeente_code)

melding_sleutel = internal_table(
    "melding_sleutel",
    intern("gemeente_code", Key, nullable=False),
    intern("bron", Key, nullable=False),
    vertrouwelijk("sleutel", Key, nullable=False),
    intern("melding_id", BigInteger, nullable=False),
    intern("jaar", SmallInteger, nullable=False),
    intern("inhoud_hash", BigInteger, nullable=False),
    # Keys differ first: comparing equal municipality and source names a million times costs seconds.
    PrimaryKeyConstraint("sleutel", "bron", "gemeente_code", name="melding_sleutel_pkey"),
)

kubus = internal_table(
    "kubus",
    intern("gemeente_code", Key, nullable=False),
    intern("bron", Key, nullable=False),
    intern("gebied_code", Key, nullable=False),
    intern("categorie", Key, nullable=False),
    intern("dag", Date, nullable=False),
    intern("tot", Date, nullable=False),
    intern("aantal", Integer, nullable=False),
    PrimaryKeyConstraint("gemeente_code", "bron", "dag", "gebied_code", "categorie", "tot"),
)
Index("kubus_gebied", kubus.c.gemeente_code, kubus.c.bron, kubus.c.gebied_code, kubus.c.dag)

telling = internal_table(
    "telling",
    intern("gemeente_code", Key, nullable=False),
    intern("bron", Key, nullable=False),
    intern("gebied_code", Key, nullable=False),
    intern("categorie", Key, nullable=False),
    intern("bron_categorie", Key, nullable=False),
    intern("van", Date, nullable=False),
    intern("tot", Date, nullable=False),
    intern("aantal", Integer, nullable=False),
    PrimaryKeyConstraint("gemeente_code", "bron", "gebied_code", "bron_categorie", "van", "tot"),
)

bezoek = internal_table(
    "bezoek",
    intern("gemeente_code", Key, nullable=False),
    intern("bron", Key, nullable=False),
    vertrouwelijk("sleutel", Key, nullable=False),
    intern("wijkwijzer", Key),
    intern("datum", Date, nullable=False),
    intern("kanaal", Text, nullable=False),
    intern("thema", Text),
    intern("herkomst_buurt_code", Key),
    intern("uitkomst", Text, nullable=False),
    intern("inhoud_hash", BigInteger, nullable=False),
    PrimaryKeyConstraint("gemeente_code", "bron", "sleutel"),
)
Index("bezoek_datum", bezoek.c.gemeente_code, bezoek.c.datum)

voorziening_gevoelig = internal_table(
    "voorziening_gevoelig",
    *voorziening_columns(vertrouwelijk),
    PrimaryKeyConstraint("gemeente_code", "bron", "sleutel"),
)

# How many there are per stadsdeel, for its staff.
gevoelig_telling = internal_table(
    "gevoelig_telling",
    intern("gemeente_code", Key, nullable=False),
    intern("stadsdeel_code", Key, nullable=False),
    intern("aantal", Integer, nullable=False),
    info={"view": True},
)

pand = internal_table(
    "pand",
    intern("gemeente_code", Key, nullable=False),
    intern("bron", Key, nullable=False),
    intern("sleutel", Key, nullable=False),
    intern("status", Text, nullable=False),
    intern("in_gebruik", Boolean, nullable=False),
    intern("bouwjaar", SmallInteger),
    intern("buurt_code", Key),
    intern("inhoud_hash", BigInteger, nullable=False),
    point(intern),
    PrimaryKeyConstraint("gemeente_code", "bron", "sleutel"),
)
Index("pand_buurt", pand.c.gemeente_code, pand.c.buurt_code)

woning = internal_table(
    "woning",
    intern("gemeente_code", Key, nullable=False),
    intern("bron", Key, nullable=False),
    intern("sleutel", Key, nullable=False),
    intern("status", Text, nullable=False),
    intern("in_gebruik", Boolean, nullable=False),
    intern("woonfunctie", Boolean, nullable=False),
    intern("gebruiksdoelen", Text),
    intern("oppervlakte", Double),
    intern("bouwjaar", SmallInteger),
    intern("pand_sleutels", Text),
    intern("buurt_code", Key),
    intern("inhoud_hash", BigInteger, nullable=False),
    point(intern),
    PrimaryKeyConstraint("gemeente_code", "bron", "sleutel"),
)
Index("woning_buurt", woning.c.gemeente_code, woning.c.buurt_code)

interventie = internal_table(
    "interventie",
    intern("gemeente_code", Key, nullable=False),
    intern("bron", Key, nullable=False),
    intern("sleutel", Key, nullable=False),
    intern("naam", Text, nullable=False),
    intern("soort", Text),
    intern("doel", SmallInteger),
    intern("partners", Text),
    intern("gebied_codes", Text),
    intern("van", Date),
    intern("tot", Date),
    intern("signaal_bron", Text),
    intern("categorie", Text),
    intern("richting", Text),
    intern("kosten", Double),
    intern("evaluatie_op", Date),
    intern("inhoud_hash", BigInteger, nullable=False, server_default=text("0")),
    # What was drawn; empty when the areas were chosen by their codes.
    point(intern, "MULTIPOLYGON"),
    intern("versie", Integer, nullable=False, server_default=text("1")),
    intern("gewijzigd_op", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    PrimaryKeyConstraint("gemeente_code", "bron", "sleutel"),
)

# What each intervention was, version by version; the database writes it by itself.
interventie_versie = internal_table(
    "interventie_versie",
    intern("gemeente_code", Key, nullable=False),
    intern("bron", Key, nullable=False),
    intern("sleutel", Key, nullable=False),
    intern("versie", Integer, nullable=False),
    intern("handeling", Key, nullable=False),
    intern("inhoud", JSONB, nullable=False),
    intern("gebied_codes", Text),
    vertrouwelijk("medewerker", Key),
    intern("rol", Key),
    intern("vastgelegd_op", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    PrimaryKeyConstraint("gemeente_code", "bron", "sleutel", "versie"),
)

# What each of them costs, for whom all of its area is their own.
interventie_kosten = internal_table(
    "interventie_kosten",
    intern("gemeente_code", Key, nullable=False),
    intern("bron", Key, nullable=False),
    intern("sleutel", Key, nullable=False),
    intern("kosten", Double),
    info={"view": True},
)

ingest_run = internal_table(
    "ingest_run",
    intern("run_id", BigInteger, Identity(always=True), primary_key=True, nullable=False),
    intern("gemeente_code", Key),
    intern("laag", Text, nullable=False),
    intern("bron", Key, nullable=False),
    intern("bestand", Text, nullable=False),
    intern("sha256", Text),
    intern("formaat", Text),
    intern("uitkomst", Text, nullable=False),
    intern("aantallen", JSONB, nullable=False),
    intern("opmerkingen", JSONB, nullable=False),
    intern("seconden", Double),
    intern("begonnen_op", DateTime(timezone=True), nullable=False),
)

ingest_afkeur = internal_table(
    "ingest_afkeur",
    intern("run_id", BigInteger, nullable=False),
    intern("regel", BigInteger, nullable=False),
    intern("code", Text, nullable=False),
    intern("reden", Text, nullable=False),
    vertrouwelijk("sleutel", Text),
)
Index("ingest_afkeur_run", ingest_afkeur.c.run_id)

bron_categorie = internal_table(
    "bron_categorie",
    intern("gemeente_code", Key, nullable=False),
    intern("bron", Key, nullable=False),
    intern("bron_categorie", Key, nullable=False),
    intern("categorie", Key, nullable=False),
    PrimaryKeyConstraint("gemeente_code", "bron", "bron_categorie"),
)
