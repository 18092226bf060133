"""All tables. Schema ``publiek`` is safe for everyone; schema ``intern`` holds microdata and is for staff and jobs.

Every column carries a disclosure class: ``openbaar``, ``intern`` or ``vertrouwelijk`` (a test checks it).
Coordinates are EPSG:28992. Every key starts with gemeente_code, so that municipalities live side by side.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    Identity,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
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


def _point(make: Callable[..., Column[Any]], kind: str = "POINT") -> Column[Any]:
    return make("geom", Geometry(kind, srid=SRID, spatial_index=False))


def _public(name: str, *items: Any) -> Table:
    return Table(name, metadata, *items, schema="publiek")


def _internal(name: str, *items: Any, **kwargs: Any) -> Table:
    return Table(name, metadata, *items, schema="intern", **kwargs)


# --- registers that anyone may read -------------------------------------------------------------------------------

gemeente = _public(
    "gemeente",
    openbaar("gemeente_code", Key, primary_key=True, nullable=False),
    openbaar("naam", Text, nullable=False),
)

gebied = _public(
    "gebied",
    openbaar("gemeente_code", Key, nullable=False),
    openbaar("jaar", SmallInteger, nullable=False),
    openbaar("niveau", Key, nullable=False),
    openbaar("code", Key, nullable=False),
    openbaar("naam", Text, nullable=False),
    openbaar("geldig_van", Date, nullable=False),
    openbaar("geldig_tot", Date),
    openbaar("geom_status", Text, nullable=False),
    openbaar("benaderd", Boolean, nullable=False, server_default=text("false")),
    openbaar("oppervlakte_ha", Double),
    _point(openbaar, "MULTIPOLYGON"),
    PrimaryKeyConstraint("gemeente_code", "jaar", "niveau", "code"),
)
Index("gebied_geom", gebied.c.geom, postgresql_using="gist")

indeling = _public(
    "indeling",
    openbaar("gemeente_code", Key, nullable=False),
    openbaar("jaar", SmallInteger, nullable=False),
    openbaar("niveau", Key, nullable=False),
    openbaar("gebied_code", Key, nullable=False),
    openbaar("buurt_code", Key, nullable=False),
    openbaar("herkomst", Text),
    PrimaryKeyConstraint("gemeente_code", "jaar", "niveau", "gebied_code", "buurt_code"),
)
Index("indeling_buurt", indeling.c.gemeente_code, indeling.c.jaar, indeling.c.buurt_code)

wijkteam = _public(
    "wijkteam",
    openbaar("gemeente_code", Key, nullable=False),
    openbaar("code", Key, nullable=False),
    openbaar("naam", Text, nullable=False),
    openbaar("van", Date, nullable=False),
    openbaar("tot", Date),
    openbaar("buurtcodes", ARRAY(Text), nullable=False),
    PrimaryKeyConstraint("gemeente_code", "code", "van"),
)

alias = _public(
    "alias",
    openbaar("gemeente_code", Key, nullable=False),
    openbaar("alias", Text, nullable=False),
    openbaar("gebied", Text, nullable=False),
    PrimaryKeyConstraint("gemeente_code", "alias"),
)

bron = _public(
    "bron",
    openbaar("gemeente_code", Key, nullable=False),
    openbaar("naam", Key, nullable=False),
    openbaar("laag", Text),
    openbaar("houder", Text),
    openbaar("definitie", Text),
    openbaar("registratie_eenheid", Text),
    openbaar("grondslag", Text),
    openbaar("bewaartermijn_maanden", Integer),
    openbaar("optelbaar_met", ARRAY(Text)),
    openbaar("geregistreerd", Boolean, nullable=False, server_default=text("false")),
    openbaar("eerste_dag", Date),
    openbaar("laatste_dag", Date),
    openbaar("fijnste_niveau", Text),
    openbaar("fijnste_periode", Text),
    openbaar("versie", BigInteger, nullable=False, server_default=text("0")),
    openbaar("peildatum", DateTime(timezone=True)),
    PrimaryKeyConstraint("gemeente_code", "naam"),
)

bron_dekking = _public(
    "bron_dekking",
    openbaar("gemeente_code", Key, nullable=False),
    openbaar("bron", Key, nullable=False),
    openbaar("gebied", Key, nullable=False),
    openbaar("van", Date, nullable=False),
    openbaar("tot", Date),
    openbaar("afgeleid", Boolean, nullable=False, server_default=text("false")),
    PrimaryKeyConstraint("gemeente_code", "bron", "gebied", "van"),
)

trendbreuk = _public(
    "trendbreuk",
    openbaar("gemeente_code", Key, nullable=False),
    openbaar("bron", Key, nullable=False),
    openbaar("datum", Date, nullable=False),
    openbaar("reden", Text, nullable=False),
    openbaar("gebied", Key, nullable=False, server_default=text("''")),
    PrimaryKeyConstraint("gemeente_code", "bron", "datum", "gebied"),
)

categorie = _public(
    "categorie",
    openbaar("code", Key, primary_key=True, nullable=False),
    openbaar("hoofd", Key, nullable=False),
    openbaar("naam", Text, nullable=False),
    openbaar("volgorde", Integer, nullable=False),
)

bron_categorie = _public(
    "bron_categorie",
    openbaar("gemeente_code", Key, nullable=False),
    openbaar("bron", Key, nullable=False),
    openbaar("bron_categorie", Key, nullable=False),
    openbaar("categorie", Key, nullable=False),
    PrimaryKeyConstraint("gemeente_code", "bron", "bron_categorie"),
)

kerncijfer = _public(
    "kerncijfer",
    openbaar("gemeente_code", Key, nullable=False),
    openbaar("jaar", SmallInteger, nullable=False),
    openbaar("gebied_code", Key, nullable=False),
    openbaar("indicator", Key, nullable=False),
    openbaar("waarde", Double),
    openbaar("status", Text, nullable=False),
    openbaar("bron", Key, nullable=False),
    PrimaryKeyConstraint("gemeente_code", "jaar", "gebied_code", "indicator"),
)

wijkwijzer = _public(
    "wijkwijzer",
    openbaar("gemeente_code", Key, nullable=False),
    openbaar("bron", Key, nullable=False),
    openbaar("sleutel", Key, nullable=False),
    openbaar("naam", Text, nullable=False),
    openbaar("adres", Text),
    openbaar("openingstijden", Text),
    openbaar("partners", Text),
    openbaar("geldig_van", Date),
    openbaar("geldig_tot", Date),
    openbaar("buurt_code", Key),
    openbaar("inhoud_hash", BigInteger, nullable=False),
    _point(openbaar),
    PrimaryKeyConstraint("gemeente_code", "bron", "sleutel"),
)
Index("wijkwijzer_geom", wijkwijzer.c.geom, postgresql_using="gist")


def _voorziening_columns(make: Callable[..., Column[Any]]) -> list[Any]:
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
        _point(make),
    ]


voorziening = _public(
    "voorziening", *_voorziening_columns(openbaar), PrimaryKeyConstraint("gemeente_code", "bron", "sleutel")
)
Index("voorziening_geom", voorziening.c.geom, postgresql_using="gist")

# Released figures: the lattice gebied × bron × categorie × kwartaal|jaar, judged once. An absent row is a covered zero.
cijfer = _public(
    "cijfer",
    openbaar("gemeente_code", Key, nullable=False),
    openbaar("jaar", SmallInteger, nullable=False),
    openbaar("niveau", Key, nullable=False),
    openbaar("gebied_code", Key, nullable=False),
    openbaar("bron", Key, nullable=False),
    openbaar("categorie", Key, nullable=False),
    openbaar("periode", Key, nullable=False),
    openbaar("aantal", Integer),
    openbaar("status", Text, nullable=False),
    PrimaryKeyConstraint("gemeente_code", "bron", "periode", "niveau", "categorie", "gebied_code"),
)

vrijgave = _public(
    "vrijgave",
    openbaar("gemeente_code", Key, nullable=False),
    openbaar("bron", Key, nullable=False),
    openbaar("periode", Key, nullable=False),
    openbaar("soort", Text, nullable=False),
    openbaar("van", Date, nullable=False),
    openbaar("tot", Date, nullable=False),
    openbaar("versie", BigInteger, nullable=False),
    openbaar("vrijgegeven_op", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("gemeente_code", "bron", "periode"),
)


def _hotspot_columns(make: Callable[..., Column[Any]]) -> list[Any]:
    return [
        make("gemeente_code", Key, nullable=False),
        make("run_id", BigInteger, nullable=False),
        make("nummer", Integer, nullable=False),
        make("bron", Key, nullable=False),
        make("categorie", Key, nullable=False),
        make("van", Date, nullable=False),
        make("tot", Date, nullable=False),
        make("periode", Key, nullable=False),
        make("stadsdeel_code", Key),
        make("buurten", ARRAY(Text), nullable=False),
        make("aantal", Integer, nullable=False),
        make("plekken", Integer, nullable=False),
        make("plekken_soort", Text, nullable=False),
        make("kaartje", JSONB, nullable=False),
        _point(make, "POLYGON"),
        PrimaryKeyConstraint("gemeente_code", "run_id", "nummer"),
    ]


hotspot_publiek = _public("hotspot", *_hotspot_columns(openbaar))
Index("hotspot_geom", hotspot_publiek.c.geom, postgresql_using="gist")

# --- microdata: staff and jobs only --------------------------------------------------------------------------------

hotspot = _internal("hotspot", *_hotspot_columns(intern))
Index("hotspot_geom", hotspot.c.geom, postgresql_using="gist")

hotspot_run = _internal(
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
)
Index("hotspot_run_vraag", hotspot_run.c.gemeente_code, hotspot_run.c.bron, hotspot_run.c.periode)

melding = _internal(
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
    _point(intern),
    # The number first: building this index over a million equal municipality codes costs seconds.
    PrimaryKeyConstraint("melding_id", "jaar", "gemeente_code"),
    postgresql_partition_by="RANGE (jaar)",
)
Index("melding_geom", melding.c.geom, postgresql_using="gist")
Index("melding_dag", melding.c.dag, melding.c.gemeente_code)

melding_sleutel = _internal(
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

kubus = _internal(
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

telling = _internal(
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

bezoek = _internal(
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

voorziening_gevoelig = _internal(
    "voorziening_gevoelig",
    *_voorziening_columns(vertrouwelijk),
    PrimaryKeyConstraint("gemeente_code", "bron", "sleutel"),
)

pand = _internal(
    "pand",
    intern("gemeente_code", Key, nullable=False),
    intern("bron", Key, nullable=False),
    intern("sleutel", Key, nullable=False),
    intern("status", Text, nullable=False),
    intern("in_gebruik", Boolean, nullable=False),
    intern("bouwjaar", SmallInteger),
    intern("buurt_code", Key),
    intern("inhoud_hash", BigInteger, nullable=False),
    _point(intern),
    PrimaryKeyConstraint("gemeente_code", "bron", "sleutel"),
)
Index("pand_buurt", pand.c.gemeente_code, pand.c.buurt_code)

woning = _internal(
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
    _point(intern),
    PrimaryKeyConstraint("gemeente_code", "bron", "sleutel"),
)
Index("woning_buurt", woning.c.gemeente_code, woning.c.buurt_code)

interventie = _internal(
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
    intern("inhoud_hash", BigInteger, nullable=False),
    PrimaryKeyConstraint("gemeente_code", "bron", "sleutel"),
)

ingest_run = _internal(
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

ingest_afkeur = _internal(
    "ingest_afkeur",
    intern("run_id", BigInteger, nullable=False),
    intern("regel", BigInteger, nullable=False),
    intern("code", Text, nullable=False),
    intern("reden", Text, nullable=False),
    vertrouwelijk("sleutel", Text),
)
Index("ingest_afkeur_run", ingest_afkeur.c.run_id)
