"""What claims give, by the claims themselves and by groups."""

from __future__ import annotations

import pytest

from geo_service.errors import InvalidToken, Refused
from geo_service.identity import Role, Viewer
from geo_service.settings import Settings, get_settings
from geo_service.toegang.claims import opaque, viewer_of_claims
from tests.geo_service.support import settings

BASE = {"sub": "3f2a", "iat": 1_700_000_000}
NOORD, ZUID = "GM0153-SD-noord", "GM0153-SD-zuid"
GROUPS = {
    "noord": {"rol": "wijkregisseur", "gemeente": "GM0153", "stadsdelen": [NOORD]},
    "zuid": {"rol": "wijkregisseur", "gemeente": "GM0153", "stadsdelen": [ZUID]},
    "assen": {"rol": "wijkregisseur", "gemeente": "GM0106", "stadsdelen": ["alle"]},
    "bazen": {"rol": "stadsdeelmanager", "gemeente": "GM0153", "stadsdelen": ["alle"]},
    "it": {"rol": "beheerder"},
    "vergeten": {"rol": "wijkregisseur"},
    "verkeerd": {"rol": "koning"},
}


def by_groups(*names):
    return viewer_of_claims(BASE | {"groups": list(names), "rol": "beheerder"}, Settings(oidc_groepen=GROUPS))


@pytest.mark.parametrize(
    ("names", "viewer"),
    [
        (["noord"], Viewer(Role.WIJKREGISSEUR, "GM0153", frozenset({NOORD}))),
        (["noord", "zuid", "kantine"], Viewer(Role.WIJKREGISSEUR, "GM0153", frozenset({NOORD, ZUID}))),
        (["it", "it"], Viewer(Role.BEHEERDER)),
    ],
)
def test_groups_give_what_the_table_says(names, viewer):
    assert by_groups(*names) == viewer


@pytest.mark.parametrize(
    "names",
    [[], ["kantine"], ["noord", "bazen"], ["noord", "assen"], ["noord", "it"], ["vergeten"], ["verkeerd"], ["NOORD"]],
)
def test_groups_that_give_nothing_or_two_things_give_nothing(names):
    with pytest.raises(InvalidToken):
        by_groups(*names)


def test_the_names_of_the_claims_are_settings():
    known = Settings(oidc_claim_rol="r", oidc_claim_gemeente="g", oidc_claim_stadsdelen="s")
    claims = BASE | {"r": "wijkregisseur", "g": "GM0153", "s": [NOORD], "rol": "beheerder"}
    viewer = viewer_of_claims(claims, known)
    assert viewer == Viewer(Role.WIJKREGISSEUR, "GM0153", frozenset({NOORD}))
    assert (viewer.id, viewer.sinds.timestamp()) == ("3f2a", 1_700_000_000)


def test_who_has_no_area_of_their_own_keeps_none():
    claims = BASE | {"rol": "onderzoeker", "gemeente": "GM0153", "stadsdelen": [NOORD]}
    assert viewer_of_claims(claims, Settings()) == Viewer(Role.ONDERZOEKER)


@pytest.mark.parametrize("moment", [-1, "gisteren", True, 1e300, None, 2**40])
def test_a_moment_that_is_none_is_refused(moment):
    with pytest.raises(InvalidToken):
        viewer_of_claims(BASE | {"rol": "onderzoeker", "auth_time": moment}, Settings())


@pytest.mark.parametrize("subject", ["anna@gemeente.nl", "Anna de Vries", "x" * 129, "a\nb", "zoë"])
def test_a_subject_that_may_be_a_name_becomes_a_number(subject):
    assert opaque(subject) == opaque(subject)
    assert opaque(subject).startswith("sub-")
    assert subject not in opaque(subject)
    assert opaque("auth0|5f7c-1") == "auth0|5f7c-1"


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("oidc_uitgever", "http://aanmelden.gemeente.nl"), ("oidc_uitgever", "http://127.0.0.1.evil.nl"),
        ("oidc_uitgever", "ftp://x"), ("oidc_scopes", "profile"), ("oidc_groepen", '{"a": {"role": "beheerder"}}'),
        ("oidc_groepen", "geen json"), ("sessie_seconden", "0"),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_is_refused_at_the_start(name, wrong):
    with settings(**{name: wrong}), pytest.raises(Refused, match=f"BUURTSIGNAAL_{name.upper()}"):
        get_settings()
