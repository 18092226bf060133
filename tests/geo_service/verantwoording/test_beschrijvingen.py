"""Nothing of the system is without a description: a new table, column, role, kind of source or method fails here."""

from __future__ import annotations

import pytest
from sqlalchemy import Column, Table, Text

from geo_service.db.connection import Role as DatabaseRole
from geo_service.db.schema import metadata
from geo_service.domain.hotspots import KLASSEN, METHODEN
from geo_service.identity import Role
from geo_service.jobs.inlezen import Opdracht
from geo_service.jobs.registers import REGISTERS
from geo_service.verantwoording import beschrijvingen
from geo_service.verantwoording.feiten import describe_tables
from tests.conftest import ROOT

PERSOONLIJK = {"pseudoniem", "gebruikers", "mogelijk"}


def test_every_table_and_column_is_described():
    known = {table.naam: {column.naam for column in table.kolommen} for table in describe_tables()}
    assert known == {name: {column.name for column in table.columns} for name, table in metadata.tables.items()}
    assert all(column.betekenis and table.inhoud for table in describe_tables() for column in table.kolommen)


def test_no_description_is_left_of_what_is_gone():
    columns = {column.name for table in metadata.tables.values() for column in table.columns}
    whole = {f"{name}.{column.name}" for name, table in metadata.tables.items() for column in table.columns}
    assert set(beschrijvingen.tabellen()) - set(metadata.tables) == set()
    assert set(beschrijvingen.kolommen()) - columns - whole == set()


def test_a_table_with_confidential_columns_is_about_persons_or_places_that_are_secret():
    """Of what is withheld only because it is a small count the class says so, not the person."""
    confidential = {table.naam for table in describe_tables() if table.vertrouwelijk}
    told = {name for name, row in beschrijvingen.tabellen().items() if row["persoonsgegevens"] in PERSOONLIJK}
    assert confidential - told == {"intern.cijfer"}
    assert told - confidential == set()
    assert {name for name in told if not name.startswith("intern.")} == set()


def test_a_confidential_column_is_described_by_its_own_table():
    named = beschrijvingen.kolommen()
    bare = [
        f"{table.naam}.{column.naam}"
        for table in describe_tables()
        for column in table.vertrouwelijk
        if table.naam != "intern.voorziening_gevoelig" and f"{table.naam}.{column.naam}" not in named
    ]
    assert bare == []


@pytest.mark.parametrize("name", ["intern.nieuw", "publiek.nieuw"])
def test_a_new_table_is_noticed(name):
    schema, table = name.split(".")
    made = Table(table, metadata, Column("iets", Text, info={"klasse": "intern"}), schema=schema)
    try:
        with pytest.raises(KeyError, match=name):
            describe_tables()
    finally:
        metadata.remove(made)


def test_a_new_column_is_noticed():
    column = Column("geboortedatum", Text, info={"klasse": "vertrouwelijk"})
    metadata.tables["intern.melding"].append_column(column)
    try:
        with pytest.raises(KeyError, match="geboortedatum"):
            describe_tables()
    finally:
        metadata.tables["intern.melding"]._columns.remove(column)  # type: ignore[attr-defined]


def test_every_role_is_described():
    assert set(beschrijvingen.rollen()) == {role.value for role in Role}
    # A fifth role of the database would be another way in.
    assert len(DatabaseRole) == 4


def test_every_method_and_class_is_described():
    texts = beschrijvingen.methoden()
    assert {row["methode"] for row in texts.values() if "methode" in row} == set(METHODEN)
    classes = [klasse for row in texts.values() for klasse in row["klassen"]]
    assert sorted(classes) == sorted(KLASSEN)


def test_every_kind_of_source_is_described():
    kinds = {"meldingen", "bezoeken", "kerncijfers", "gebieden", *REGISTERS}
    assert Opdracht("x", "y", "z").laag == "x"
    assert kinds - set(beschrijvingen.lagen()) == set()


def test_every_measure_points_to_code_and_to_a_test():
    for risico in beschrijvingen.risicos():
        assert risico.maatregelen
        for maatregel in risico.maatregelen:
            assert (ROOT / maatregel.waar).is_file(), maatregel.waar
            assert (ROOT / maatregel.test).exists(), maatregel.test
            assert maatregel.test.startswith("tests/")
