"""Registers and released figures that anyone may read."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Double,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    text,
)  # fmt: skip
from sqlalchemy.dialects.postgresql import ARRAY

from geo_service.db.schema.columns import (
    Key,
    berekening_columns,
    hotspot_columns,
    openbaar,
    point,
    public_table,
    voorziening_columns,
)  # fmt: skip

gemeente = public_table(
    "gemeente",
    openbaar("gemeente_code", Key, primary_key=True, nullable=False),
    openbaar("naam", Text, nullable=False),
)

gebied = public_table(
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
    point(openbaar, "MULTIPOLYGON"),
    PrimaryKeyConstraint("gemeente_code", "jaar", "niveau", "code"),
)
Index("gebied_geom", gebied.c.geom, postgresql_using="gist")

indeling = public_table(
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

wijkteam = public_table(
    "wijkteam",
    openbaar("gemeente_code", Key, nullable=False),
    openbaar("code", Key, nullable=False),
    openbaar("naam", Text, nullable=False),
    openbaar("van", Date, nullable=False),
    openbaar("tot", Date),
    openbaar("buurtcodes", ARRAY(Text), nullable=False),
    PrimaryKeyConstraint("gemeente_code", "code", "van"),
)

alias = public_table(
    "alias",
    openbaar("gemeente_code", Key, nullable=False),
    openbaar("alias", Text, nullable=False),
    openbaar("gebied", Text, nullable=False),
    PrimaryKeyConstraint("gemeente_code", "alias"),
)

bron = public_table(
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
    openbaar("doel", Text),
    openbaar("artikel", Text),
    openbaar("betrokkenen", ARRAY(Text)),
    openbaar("gegevens", ARRAY(Text)),
    openbaar("ontvangers", ARRAY(Text)),
    PrimaryKeyConstraint("gemeente_code", "naam"),
)

bron_dekking = public_table(
    "bron_dekking",
    openbaar("gemeente_code", Key, nullable=False),
    openbaar("bron", Key, nullable=False),
    openbaar("gebied", Key, nullable=False),
    openbaar("van", Date, nullable=False),
    openbaar("tot", Date),
    openbaar("afgeleid", Boolean, nullable=False, server_default=text("false")),
    PrimaryKeyConstraint("gemeente_code", "bron", "gebied", "van"),
)

trendbreuk = public_table(
    "trendbreuk",
    openbaar("gemeente_code", Key, nullable=False),
    openbaar("bron", Key, nullable=False),
    openbaar("datum", Date, nullable=False),
    openbaar("reden", Text, nullable=False),
    openbaar("gebied", Key, nullable=False, server_default=text("''")),
    PrimaryKeyConstraint("gemeente_code", "bron", "datum", "gebied"),
)

categorie = public_table(
    "categorie",
    openbaar("code", Key, primary_key=True, nullable=False),
    openbaar("hoofd", Key, nullable=False),
    openbaar("naam", Text, nullable=False),
    openbaar("volgorde", Integer, nullable=False),
)

# Themes of visits that are a category of their own; rarer ones are counted as thema-overig and named nowhere.
bezoek_thema = public_table(
    "bezoek_thema",
    openbaar("gemeente_code", Key, nullable=False),
    openbaar("bron", Key, nullable=False),
    openbaar("code", Key, nullable=False),
    openbaar("naam", Text, nullable=False),
    PrimaryKeyConstraint("gemeente_code", "bron", "code"),
)

kerncijfer = public_table(
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

wijkwijzer = public_table(
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
    point(openbaar),
    PrimaryKeyConstraint("gemeente_code", "bron", "sleutel"),
)
Index("wijkwijzer_geom", wijkwijzer.c.geom, postgresql_using="gist")


voorziening = public_table(
    "voorziening", *voorziening_columns(openbaar), PrimaryKeyConstraint("gemeente_code", "bron", "sleutel")
)
Index("voorziening_geom", voorziening.c.geom, postgresql_using="gist")


def _corrected(name: str, source: Table) -> Table:
    """A view on a table of places with what staff corrected; gecorrigeerd_op is empty where nobody did."""
    columns = [openbaar(c.name, c.type) for c in source.columns if c.name not in ("inhoud_hash", "geom")]
    return public_table(name, *columns, point(openbaar), openbaar("gecorrigeerd_op", Date), info={"view": True})


wijkwijzer_nu = _corrected("wijkwijzer_nu", wijkwijzer)
voorziening_nu = _corrected("voorziening_nu", voorziening)

# Released figures: the lattice gebied × bron × categorie × kwartaal|jaar, judged once. An absent row is a covered zero.
cijfer = public_table(
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

vrijgave = public_table(
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

berekening = public_table("berekening", *berekening_columns(openbaar), info={"view": True})


# One row per transaction that changed anything, kept by triggers; see db.queries.stand.
wijziging = public_table(
    "wijziging",
    openbaar("transactie", BigInteger, nullable=False),
    openbaar("moment", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("transactie", "moment"),
)

hotspot = public_table("hotspot", *hotspot_columns(openbaar))
Index("hotspot_geom", hotspot.c.geom, postgresql_using="gist")
