"""The lattice before anyone sees it: true counts, who may see each, and when that was decided."""

from __future__ import annotations

from sqlalchemy import Boolean, DateTime, Double, Integer, PrimaryKeyConstraint, SmallInteger, Text

from geo_service.db.schema.columns import Key, intern, internal_table, vertrouwelijk


def _keys() -> list:
    return [
        intern("gemeente_code", Key, nullable=False),
        intern("jaar", SmallInteger, nullable=False),
        intern("niveau", Key, nullable=False),
        intern("gebied_code", Key, nullable=False),
        intern("bron", Key, nullable=False),
        intern("categorie", Key, nullable=False),
        intern("periode", Key, nullable=False),
    ]


cijfer = internal_table(
    "cijfer",
    *_keys(),
    vertrouwelijk("aantal", Integer, nullable=False),
    intern("openbaar", Boolean, nullable=False),
    intern("dienst", Boolean, nullable=False),
    PrimaryKeyConstraint("gemeente_code", "bron", "periode", "niveau", "categorie", "gebied_code"),
)

# The same for staff, suppressed as they may see it.
cijfer_dienst = internal_table(
    "cijfer_dienst", *_keys(), intern("aantal", Integer), intern("status", Text), info={"view": True}
)

besluit = internal_table(
    "besluit",
    intern("gemeente_code", Key, nullable=False),
    intern("bron", Key, nullable=False),
    intern("periode", Key, nullable=False),
    intern("opzet", Text, nullable=False),
    intern("kenmerk", Text, nullable=False),
    intern("besloten_op", DateTime(timezone=True), nullable=False),
    intern("sinds", DateTime(timezone=True), nullable=False),
    intern("cellen", Integer, nullable=False),
    intern("verborgen", Integer, nullable=False),
    intern("verborgen_dienst", Integer, nullable=False),
    intern("seconden", Double, nullable=False),
    intern("reden", Text),
    PrimaryKeyConstraint("gemeente_code", "bron", "periode"),
)
