"""Signs of personal data in what somebody typed: enough to warn, never a proof that there are none."""

from __future__ import annotations

import re
from collections.abc import Callable

# The citizen service number: nine digits whose weighed sum is a multiple of eleven.
_BSN_WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2, -1)
_BSN = re.compile(r"(?<!\d)\d(?:[ .-]?\d){8}(?!\d)")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[a-z]{2,}", re.IGNORECASE)
_PHONE = re.compile(r"(?<![\d.,])(?:\+31|0031|0)(?:[ ()./-]{0,2}\d){8,9}(?!\d)")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}\b", re.IGNORECASE)
_ADDRESS = re.compile(r"\b[1-9]\d{3} ?[A-Z]{2}\b\s*,?\s*(?:huisnummer|nr\.?|no\.?)?\s*\d{1,5}\b", re.IGNORECASE)
_HOUSE = re.compile(
    r"\b[A-Z][\w'-]*(?:straat|laan|weg|plein|hof|dreef|singel|kade|steeg|pad|gracht|plantsoen|ring|markt|brink|es)"
    r"\s+\d{1,4}(?:\s?[a-zA-Z])?\b(?!\s*(?:keer|maal|x\b|meldingen|uur))"
)
_PLATE = re.compile(r"\b(?=[A-Z0-9-]*\d)(?=[A-Z0-9-]*[A-Z])[A-Z0-9]{1,3}-[A-Z0-9]{1,3}-[A-Z0-9]{1,3}\b")


def _is_bsn(text: str) -> bool:
    digits = [int(sign) for sign in text if sign.isdigit()]
    return any(digits) and sum(w * d for w, d in zip(_BSN_WEIGHTS, digits, strict=True)) % 11 == 0


_SIGNS: tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...] = (
    ("een e-mailadres", _EMAIL, bool),
    ("een bankrekening", _IBAN, bool),
    ("een telefoonnummer", _PHONE, bool),
    ("een burgerservicenummer", _BSN, _is_bsn),
    ("een adres met huisnummer", _ADDRESS, bool),
    ("een adres met huisnummer", _HOUSE, bool),
    ("een kenteken", _PLATE, bool),
)


def find_persoonsgegevens(text: str) -> list[str]:
    """What in a text looks like personal data, each kind once, in Dutch; empty when nothing does.

    Names are not found: no list of names tells them from streets and buurten. Whoever types is warned of that.
    """
    found = [kind for kind, pattern, holds in _SIGNS if any(holds(match[0]) for match in pattern.finditer(text))]
    return list(dict.fromkeys(found))
