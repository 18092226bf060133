"""Keyed pseudonyms for reporters and addresses: countable, never readable, different per secret and kind."""

from __future__ import annotations

import hmac

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ingest.checks import as_text, to_arrow

MIN_SECRET_BYTES = 16
_HEX_LENGTH = 32
_PHONE = r"^[+(]?\d[\d\s()\-]{7,}$"


def check_secret(secret: bytes) -> bytes:
    """The secret itself. Raises ValueError when it is so short that pseudonyms could be guessed."""
    if len(secret) < MIN_SECRET_BYTES:
        raise ValueError(f"the secret must have at least {MIN_SECRET_BYTES} bytes")
    return secret


def pseudonymise(values: pd.Series, secret: bytes, *, kind: str) -> np.ndarray:
    """HMAC-SHA-256 of the normalised value as 32 hex characters, (n,) object; None where the value is empty.

    kind ("melder" or "adres") is part of the message, so that equal texts of two kinds cannot be matched.
    """
    check_secret(secret)
    places, distinct = pd.factorize(as_text(normalised(values)))
    prefix = kind.encode() + b"\0"
    keys = [hmac.digest(secret, prefix + text.encode(), "sha256").hex()[:_HEX_LENGTH] for text in distinct]
    # factorize marks missing values with -1, which is the last place.
    return np.array([*keys, None], dtype=object)[places]


def normalised(values: pd.Series) -> pa.Array:
    """One spelling per person or address: case, spaces and the notation of a phone number do not matter."""
    texts = pc.utf8_trim_whitespace(pc.utf8_lower(to_arrow(values)))
    texts = pc.replace_substring_regex(texts, r"\s+", " ")
    digits = pc.replace_substring_regex(texts, r"\D+", "")
    digits = pc.replace_substring_regex(digits, r"^(00)?310?(\d{9})$", r"0\2")
    texts = pc.if_else(pc.match_substring_regex(texts, _PHONE), digits, texts)
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)
