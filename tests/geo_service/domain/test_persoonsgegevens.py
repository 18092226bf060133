"""What looks like personal data is found; what a colleague writes about a neighbourhood is not stopped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.domain.persoonsgegevens import find_persoonsgegevens

AROUND = st.sampled_from(["{}", "Bel {} even.", "Melder ({}) zegt van niet", "zie {}, klopt", "x: {}"])
SEPARATORS = st.sampled_from(["", " ", "-", "."])


def weighed(first: str) -> str | None:
    """A citizen service number that begins with these eight digits; None when there is none."""
    total = sum(weight * int(digit) for weight, digit in zip(range(9, 1, -1), first, strict=True))
    return f"{first}{total % 11}" if total % 11 < 10 else None


@given(AROUND, st.from_regex(r"[1-9]\d{7}", fullmatch=True), SEPARATORS)
def test_a_telephone_number_is_found(around, digits, separator):
    for number in (f"06{separator}{digits}", f"+31 6{separator}{digits}"):
        assert "een telefoonnummer" in find_persoonsgegevens(around.format(number))


@given(AROUND, st.from_regex(r"[1-9]\d{7}", fullmatch=True).map(weighed).filter(bool))
def test_a_citizen_service_number_is_found(around, number):
    assert "een burgerservicenummer" in find_persoonsgegevens(around.format(number))


@given(AROUND, st.emails(domains=st.sampled_from(["voorbeeld.nl", "post.example.com"])))
def test_an_address_for_mail_is_found(around, address):
    assert "een e-mailadres" in find_persoonsgegevens(around.format(address))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("7511 AB 12", "een adres met huisnummer"),
        ("op de Deurningerstraat 12a", "een adres met huisnummer"),
        ("NL91 ABNA 0417 1643 00", "een bankrekening"),
        ("de bus 12-ABC-3 staat er elke nacht", "een kenteken"),
    ],
)
def test_other_signs_are_found(text, kind):
    assert kind in find_persoonsgegevens(text)


@pytest.mark.parametrize(
    "text",
    [
        "Dit is één melder.",
        "Klopt, speelt al maanden, sinds 2025-03 vooral op het plein.",
        "Sinds 1 april 2026 staat er een nieuwe container aan de Deurningerstraat.",
        "In 2026-Q1 waren er 1.234 meldingen, 12 per 1.000 woningen, 3 tot 4 keer zoveel.",
        "Tussen 22.00 en 23.30 uur; telling 10 12 14 18 20 24.",
        "Buurt BU01530000 en wijk 04, zie hotspot 2026-Q3-7.",
        "Op de Brink 3 keer geweest deze week, 100 000 bezoekers op Koningsdag.",
    ],
)
def test_what_is_about_a_neighbourhood_may_be_written(text):
    assert find_persoonsgegevens(text) == []


@given(st.text())
def test_any_text_is_read(text):
    assert set(find_persoonsgegevens(text)) <= {
        "een e-mailadres", "een bankrekening", "een telefoonnummer", "een burgerservicenummer",
        "een adres met huisnummer", "een kenteken",
    }  # fmt: skip
