"""Keyed pseudonyms."""

from __future__ import annotations

import hashlib
import hmac

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.pseudonym import pseudonymise

SECRET = b"0123456789abcdef"


def keys(*values, secret=SECRET, kind="melder"):
    return pseudonymise(pd.Series(list(values), dtype=object), secret, kind=kind).tolist()


def test_it_is_hmac_sha256_of_kind_and_value():
    expected = hmac.new(SECRET, b"melder\0jan@x.nl", hashlib.sha256).hexdigest()[:32]
    assert keys(" Jan@X.nl", None, "", "  ") == [expected, None, None, None]


@pytest.mark.parametrize(
    "other", ["0612345678", "+31 6 12345678", "0031612345678", "06-1234 5678", "+31 (0)6 12345678"]
)
def test_a_phone_number_is_one_person_in_any_notation(other):
    assert keys(other) == keys("06 12345678")


def test_kind_and_secret_separate():
    assert keys("a") != keys("a", kind="adres")
    assert keys("a") != keys("a", secret=SECRET[::-1])


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), st.text(max_size=20)), max_size=20))
def test_equal_values_and_only_those_share_a_key(values):
    found = keys(*values)
    assert all(key is None or (len(key) == 32 and set(key) <= set("0123456789abcdef")) for key in found)
    by_value = dict(zip(values, found, strict=True))
    assert [by_value[value] for value in values] == found


def test_a_guessable_secret_is_refused():
    with pytest.raises(ValueError, match="at least 16"):
        keys("a", secret=b"")
