"""From a source's categories to ours."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from data.codelists import (
    UNKNOWN_CATEGORIE,
    load_categorieen,
    load_source_categorieen,
    sub_categorie_codes,
)
from ingest.categories import CategoryMapper, slugify


def mapped(pairs, **options):
    heads, subs = (pd.Series(list(values), dtype=object) for values in zip(*pairs, strict=True))
    return CategoryMapper(**options).map(heads, subs)


def test_the_codelists_are_closed():
    codes = [row.code for row in load_categorieen()]
    assert len(codes) == len(set(codes)) == 41
    assert {row.hoofd for row in load_categorieen()} == {row.code for row in load_categorieen() if row.is_head}
    assert {row.code for row in load_source_categorieen()} <= sub_categorie_codes()
    assert UNKNOWN_CATEGORIE in sub_categorie_codes()
    pairs = [(row.hoofd_slug, row.sub_slug) for row in load_source_categorieen()]
    assert len(pairs) == len(set(pairs))


def test_the_whole_tree_of_assen_is_in_the_list(testdata):
    tree = json.loads(testdata("assen/assen_categories.json").read_text())
    pairs = [(value["parent_slug"], slug) for slug, value in tree.items()]
    result = mapped(pairs)
    assert (len(pairs), result.notes) == (58, ())
    listed = {(row.hoofd_slug, row.sub_slug) for row in load_source_categorieen()}
    assert set(pairs) <= listed


def test_the_whole_tree_of_signalen_is_in_the_list(testdata):
    rows = json.loads(testdata("signalen/signalen_backend_categories.json").read_text())
    heads = {row["pk"]: row["fields"]["slug"] for row in rows if row["fields"]["parent"] is None}
    pairs = [(heads[row["fields"]["parent"]], row["fields"]["slug"]) for row in rows if row["fields"]["parent"]]
    assert (len(pairs), mapped(pairs).notes) == (77, ())
    labels = mapped([(None, row["fields"]["name"]) for row in rows if row["fields"]["parent"]])
    # Drijfvuil means dumped waste in one town and litter in another: without its head it stays unknown.
    assert [note.text for note in labels.notes] == ["Onbekende categorie Drijfvuil: ingedeeld bij overig."]


@pytest.mark.parametrize(
    ("head", "sub", "code"),
    [
        ("overlast-van-en-door-personen-of-groepen", "jongerenoverlast", "personen-jongeren"),
        ("elders-hernoemd", "jongerenoverlast", "personen-jongeren"),
        ("afval", "drijfvuil", "afval-dumping"),
        ("openbaar-groen-en-water", "drijfvuil", "afval-zwerfafval"),
        ("afval", "overig", "afval-overig"),
        ("Afval", "Veeg- / zwerfvuil", "afval-zwerfafval"),
        (None, "Honden(poep)", "dieren-honden"),
        (None, "afval", "afval-overig"),
        (None, "wonen-geluid", "wonen-geluid"),
        (None, "Burenruzie", "wonen-burenruzie"),
        ("wonen", None, "wonen-overig"),
        (None, "groen-water", "groen-water-groen"),
    ],
)
def test_known_categories(head, sub, code):
    result = mapped([(head, sub)])
    assert (result.categorie[0], result.notes) == (code, ())


def test_unknown_ones_are_overig_and_counted():
    result = mapped([("x", "y"), ("x", "y"), (None, None), ("afval", "ufo")])
    assert result.categorie.tolist() == ["overig-overig", "overig-overig", "overig-overig", "afval-overig"]
    assert result.bron_categorie.tolist() == ["x/y", "x/y", None, "afval/ufo"]
    assert [(note.code, note.count) for note in result.notes] == [("categorie_onbekend", count) for count in (2, 1, 1)]


def test_the_municipality_s_own_table_goes_first():
    own = {"Afval/Grofvuil": "afval-overig", "Lawaai": "wonen-geluid"}
    assert mapped([("afval", "grofvuil"), (None, "lawaai")], extra=own).categorie.tolist() == [
        "afval-overig",
        "wonen-geluid",
    ]
    assert mapped([("afval", "grofvuil")], fixed="wonen-overig").categorie.tolist() == ["wonen-overig"]


def test_free_text_in_a_category_column_does_not_flow_on():
    result = mapped([(None, f"mijn buurman {number} " + "x" * 500) for number in range(100)])
    assert max(len(name) for name in result.bron_categorie) == 120
    assert len(result.notes) == 26
    assert sum(note.count for note in result.notes) == 100


def test_slugs_are_ascii():
    assert slugify("Overlast van taxi's, café’s") == "overlast-van-taxis-cafes"
