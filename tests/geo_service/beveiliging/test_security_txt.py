"""Where a leak can be reported (RFC 9116)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from geo_service.beveiliging.security_txt import PATH
from tests.geo_service.support import settings

CONTACT = "mailto:cert@buurt.example"


def fields_of(text: str) -> list[tuple[str, ...]]:
    return [tuple(line.split(": ", 1)) for line in text.splitlines()]


def test_without_a_contact_there_is_none(demo):
    assert demo.client.get(PATH).status_code == 404


def test_it_has_the_fields_of_the_standard(demo):
    with settings(beveiliging_contact=CONTACT, openbaar_adres="https://buurt.example/", hosts='["127.0.0.1"]'):
        answer = demo.client.get(PATH)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    fields = dict(fields_of(answer.text))
    expires = fields.pop("Expires")
    assert fields == {
        "Contact": CONTACT,
        "Preferred-Languages": "nl, en",
        "Canonical": "https://buurt.example/.well-known/security.txt",
    }
    ends = datetime.fromisoformat(expires) - datetime.now(UTC)
    assert timedelta(days=150) < ends < timedelta(days=366)


def test_the_end_can_be_set_and_what_is_past_it_is_gone(demo):
    with settings(beveiliging_contact=CONTACT, beveiliging_geldig_tot="2099-01-31"):
        assert ("Expires", "2099-01-31T23:59:59Z") in fields_of(demo.client.get(PATH).text)
    with settings(beveiliging_contact=CONTACT, beveiliging_geldig_tot="2020-01-31"):
        assert demo.client.get(PATH).status_code == 404
