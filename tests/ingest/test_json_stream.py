"""Records out of JSON documents of any size."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ingest.json_stream
from ingest.errors import SourceUnreadable
from ingest.json_stream import JsonRecords, point_of, text_of

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def records(path):
    with JsonRecords(path) as opened:
        return list(opened)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(VALUES, max_size=8), indent=st.sampled_from([None, 2]), block=st.integers(1, 40))
@pytest.mark.parametrize("container", ["", "features", "results"])
def test_any_document_in_any_block_size_equals_json(tmp_path, monkeypatch, container, values, indent, block):
    monkeypatch.setattr(ingest.json_stream, "_BLOCK", block)
    document = {"count": len(values), "next": None, container: values, "after": [1]} if container else values
    path = tmp_path / "bron.json"
    path.write_text(json.dumps(document, indent=indent), encoding="utf-8")
    assert records(path) == values


@given(st.data())
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_document_cut_anywhere_is_refused(tmp_path, data):
    text = json.dumps({"type": "FeatureCollection", "features": [{"a": 1}, {"b": [1, 2, {"c": None}]}]})
    path = tmp_path / "bron.json"
    path.write_text(text[: data.draw(st.integers(1, len(text) - 2))])
    with pytest.raises(SourceUnreadable):
        records(path)


def test_members_before_the_list_are_known(tmp_path):
    path = tmp_path / "bron.json"
    path.write_text('\ufeff{"crs": {"a": 1}, "features": []}', encoding="utf-8")
    with JsonRecords(path) as opened:
        assert (opened.head.container, opened.head.members) == ("features", {"crs": {"a": 1}})
        assert list(opened) == []


def test_deep_nesting_and_wrong_text_are_refused(tmp_path):
    for content in (b"[" * 100_000, b'["\xff\xfe"]', b"[1" + b"0" * 5_000 + b"]"):
        path = tmp_path / "bron.json"
        path.write_bytes(content)
        with pytest.raises(SourceUnreadable):
            records(path)


@pytest.mark.parametrize(
    ("geometry", "expected"),
    [
        ({"type": "Point", "coordinates": [6, 52.5, 3]}, ("6.0", "52.5")),
        ({"type": "MultiPoint", "coordinates": [[6.5, 52]]}, ("6.5", "52.0")),
        ({"type": "MultiPoint", "coordinates": [[6, 52], [7, 53]]}, (None, None)),
        ({"type": "LineString", "coordinates": [[6, 52], [7, 53]]}, (None, None)),
        ({"type": "Point", "coordinates": [True, None]}, ("nan", None)),
        ({"type": "Point", "coordinates": [6]}, (None, None)),
        ({"type": "Point"}, (None, None)),
        (None, (None, None)),
        ("POINT(6 52)", (None, None)),
    ],
)
def test_points(geometry, expected):
    assert point_of(geometry) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("", None),
        (" a ", "a"),
        (3, "3"),
        (3.0, "3"),
        (0.5, "0.5"),
        ({}, None),
        ([1], None),
        ("\ud800", "?"),
    ],
)
def test_texts(value, expected):
    assert text_of(value) == expected
