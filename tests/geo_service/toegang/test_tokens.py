"""Tokens of a real provider against the API: what a good one opens, and that none of the bad ones opens anything."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from geo_service.errors import InvalidToken
from geo_service.identity import Viewer
from geo_service.toegang.claims import viewer_of_claims
from geo_service.toegang.tokens import Tokens
from tests.geo_service.support import rows
from tests.geo_service.toegang.aanbieder import API, CLIENT, OTHER_API

POINTS = "/v1/collections/meldingen/items"
PERIODE = {"datetime": "2026-01-01T00:00:00Z/..", "limit": 500}


def ask(site, token, path="/v1/collections", **params):
    return site.client.get(path, params=params, headers={"Authorization": f"Bearer {token}"})


def refused(site, token) -> bool:
    answer = ask(site, token)
    assert answer.status_code in (200, 401), answer.text
    if answer.status_code == 401:
        assert answer.json()["title"] == "Het token is niet geldig"
        assert token[:30] not in answer.text
    return answer.status_code == 401


def decoded(token):
    return jwt.decode(token, options={"verify_signature": False})


@pytest.fixture(scope="module")
def good(running_aanbieder):
    """A real token of a regisseur, and what is in it."""
    token = running_aanbieder.access_token("noord")
    return token, decoded(token)


def part(value: dict) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


# --- good ones


def buurten_of(site, token):
    answer = ask(site, token, POINTS, **PERIODE)
    assert answer.status_code == 200, answer.text
    return {feature["properties"]["buurt_code"] for feature in answer.json()["features"]}


@pytest.mark.parametrize("resource", [API, f"{API}/es256"])
def test_a_regisseur_sees_reports_of_the_own_stadsdeel_and_no_others(site, aanbieder, toegang_url, resource):
    question = "select buurt_code from publiek.indeling where gebied_code = 'GM0153-SD-noord'"
    own = {code for (code,) in rows(toegang_url, question)}
    token = aanbieder.access_token("noord", resource=resource)
    assert jwt.get_unverified_header(token)["alg"] == ("ES256" if resource.endswith("/es256") else "RS256")
    seen = buurten_of(site, token)
    assert seen
    assert seen <= own
    other = buurten_of(site, aanbieder.access_token("zuid", resource=resource))
    assert other
    assert not other & own


def test_a_manager_sees_all_and_a_researcher_no_reports(site, aanbieder):
    assert len(buurten_of(site, aanbieder.access_token("manager"))) > len(
        buurten_of(site, aanbieder.access_token("noord"))
    )
    researcher = aanbieder.access_token("onderzoeker")
    assert ask(site, researcher).status_code == 200
    assert ask(site, researcher, POINTS).status_code == 404


@pytest.mark.parametrize(
    ("account", "sentence"),
    [
        ("burgemeester", "geen rol"), ("niemand", "geen rol"), ("dubbel", "meer dan één rol"),
        ("scheef", "die kloppen niet"), ("leeg", "die kloppen niet"),
    ],
)  # fmt: skip
def test_claims_that_give_no_clear_role_open_nothing(site, aanbieder, account, sentence):
    answer = ask(site, aanbieder.access_token(account))
    assert answer.status_code == 401
    assert sentence in answer.json()["detail"]


# --- bad ones: with the provider's own signature, but not for us, not now or not for this


def changed(good, **changes):
    return {name: value for name, value in (good[1] | changes).items() if value is not ...}


NOW = int(time.time())
WRONG_CLAIMS = {
    "another audience": {"aud": OTHER_API},
    "the client as audience": {"aud": CLIENT},
    "no audience": {"aud": ...},
    "another issuer": {"iss": "https://iemand.anders.test"},
    "the issuer with a slash": {"iss": "{issuer}/"},
    "no issuer": {"iss": ...},
    "expired": {"exp": NOW - 3600},
    "no end": {"exp": ...},
    "an end that is no number": {"exp": "morgen"},
    "an end beyond all numbers": {"exp": float("inf")},
    "not yet": {"nbf": NOW + 3600},
    "made in the future": {"iat": NOW + 3600},
    "no moment": {"iat": ...},
    "no subject": {"sub": ...},
    "an empty subject": {"sub": ""},
    "a nonce, so of a log-in": {"nonce": "abc"},
    "of a log-out": {"events": {"http://schemas.openid.net/event/backchannel-logout": {}}},
    "bound to a key": {"cnf": {"jkt": "abc"}},
    "said to be an id token": {"typ": "ID"},
    "a role of nobody": {"rol": "directeur"},
    "the public with a stadsdeel": {"rol": "publiek"},
    "two roles": {"rol": ["wijkregisseur", "stadsdeelmanager"]},
    "a role that is no text": {"rol": {"is": "beheerder"}},
    "a stadsdeel with a comma": {"stadsdelen": ["GM0153-SD-noord,GM0153-SD-zuid"]},
    "a stadsdeel of another gemeente": {"stadsdelen": ["GM0106-SD-noord"]},
    "no gemeente": {"gemeente": ...},
    "two gemeenten": {"gemeente": ["GM0153", "GM0106"]},
}


@pytest.mark.parametrize("changes", WRONG_CLAIMS.values(), ids=WRONG_CLAIMS)
def test_a_signed_token_with_wrong_claims_is_refused(site, aanbieder, good, changes):
    filled = {
        name: value.format(issuer=aanbieder.issuer) if isinstance(value, str) else value
        for name, value in changes.items()
    }
    assert not refused(site, aanbieder.sign(changed(good)))
    assert refused(site, aanbieder.sign(changed(good, **filled)))


def test_a_real_token_for_another_service_is_refused(site, aanbieder):
    assert refused(site, aanbieder.access_token("noord", resource=OTHER_API))


def test_an_id_token_is_no_access_token(site, aanbieder):
    assert refused(site, aanbieder.tokens("noord", nonce="n-1")["id_token"])
    assert refused(site, aanbieder.tokens("noord")["id_token"])


@pytest.mark.parametrize("typ", ["id_token+jwt", "logout+jwt", "dpop+jwt", "secevent+jwt", "onzin"])
def test_a_token_made_for_something_else_is_refused(site, aanbieder, good, typ):
    assert refused(site, aanbieder.sign(good[1], typ=typ))


@pytest.mark.parametrize("typ", ["at+jwt", "application/at+jwt", "JWT", None])
def test_these_types_are_access_tokens(site, aanbieder, good, typ):
    assert not refused(site, aanbieder.sign(good[1], typ=typ))


# --- bad ones: without the provider's signature


def public_pem(aanbieder) -> bytes:
    key = jwt.PyJWK(aanbieder.keys()["rsa-1"]).key
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def hs_signed(claims, secret: bytes, alg: str, **header) -> str:
    """By hand: the library refuses a public key as a secret."""
    signed = f"{part({'alg': alg, 'typ': 'at+jwt', 'kid': 'rsa-1'} | header)}.{part(claims)}"
    digest = hmac.digest(secret, signed.encode(), getattr(hashlib, f"sha{alg[2:]}"))
    return f"{signed}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


@pytest.mark.parametrize("alg", ["HS256", "HS384", "HS512"])
def test_the_public_key_is_no_secret(site, aanbieder, good, alg):
    key = aanbieder.keys()["rsa-1"]
    for secret in (public_pem(aanbieder), public_pem(aanbieder).strip(), json.dumps(key).encode(), key["n"].encode()):
        assert refused(site, hs_signed(good[1], secret, alg))


def test_the_public_key_is_a_secret_to_who_believes_the_token_about_its_algorithm(site, aanbieder, good, monkeypatch):
    """The same token at a door without a list of algorithms, and with a library that asks no questions about keys."""

    async def believe(self: Tokens, token: str) -> Viewer:
        told = jwt.get_unverified_header(token)["alg"]
        claims = jwt.decode(token, options={"verify_signature": False})
        if token != hs_signed(claims, public_pem(aanbieder), told):
            raise InvalidToken("vals")
        return viewer_of_claims(claims, self._settings)

    forged = hs_signed(good[1], public_pem(aanbieder), "HS384")
    assert refused(site, forged)
    monkeypatch.setattr(Tokens, "viewer", believe)
    assert not refused(site, forged)


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", "", None, ["RS256"], {"RS256": 1}, 1])
@pytest.mark.parametrize("signature", ["", "e30"])
def test_unsigned_is_refused(site, good, alg, signature):
    header = {"alg": alg, "typ": "at+jwt", "kid": "rsa-1"}
    assert refused(site, f"{part(header)}.{part(good[1])}.{signature}")


def test_another_key_under_a_known_name_is_refused(site, good):
    own = rsa.generate_private_key(65537, 2048)
    assert refused(site, jwt.encode(good[1], own, "RS256", headers={"kid": "rsa-1", "typ": "at+jwt"}))
    curve = ec.generate_private_key(ec.SECP256R1())
    assert refused(site, jwt.encode(good[1], curve, "ES256", headers={"kid": "ec-1", "typ": "at+jwt"}))


KIDS = ["../../etc/passwd", "/dev/null", "rsa-1'; select 1 --", "", "rsa-1\u0000", "x" * 3000, "__proto__", "0"]


@pytest.mark.parametrize("kid", KIDS)
def test_an_invented_key_name_leads_nowhere(site, good, kid):
    own = rsa.generate_private_key(65537, 2048)
    assert refused(site, jwt.encode(good[1], own, "RS256", headers={"kid": kid, "typ": "at+jwt"}))


@pytest.mark.parametrize("header", ["jku", "jwk", "x5u", "x5c"])
def test_a_token_that_brings_its_own_key_is_refused(site, aanbieder, good, header):
    """Signed with the very key that it brings, and then with the provider's: neither is good."""
    own = rsa.generate_private_key(65537, 2048)
    jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(own.public_key()))
    value = {"jwk": jwk, "x5c": ["MIIB"]}.get(header, f"{aanbieder.issuer}/jwks")
    for kid in ("rsa-1", "eigen"):
        assert refused(site, jwt.encode(good[1], own, "RS256", headers={"kid": kid, "typ": "at+jwt", header: value}))
    assert refused(site, aanbieder.sign(good[1], **{header: value}))


def test_rules_that_nobody_knows_are_refused(site, aanbieder, good):
    assert refused(site, aanbieder.sign(good[1], crit=["b64"], b64=True))


def test_a_changed_payload_or_signature_is_refused(site, aanbieder, good):
    head, _, signature = good[0].split(".")
    manager = aanbieder.access_token("manager").split(".")
    assert refused(site, f"{head}.{part(changed(good, rol='stadsdeelmanager', stadsdelen=['alle']))}.{signature}")
    assert refused(site, f"{head}.{manager[1]}.{signature}")
    assert refused(site, f"{good[0][:-8]}AAAAAAAA")
    assert refused(site, f"{head}.{part(good[1])}.{manager[2]}")


def test_an_algorithm_of_another_kind_of_key_is_refused(site, aanbieder, good):
    """A key of the provider is used as it was published: RS256 is not PS256."""
    for alg in ("PS256", "RS512"):
        assert refused(site, aanbieder.sign(good[1], algorithm=alg))
    for kid, alg in (("ec-1", "RS256"), ("rsa-1", "ES256")):
        assert refused(site, f"{part({'alg': alg, 'kid': kid, 'typ': 'at+jwt'})}.{good[0].split('.', 1)[1]}")


DEEP = base64.urlsafe_b64encode(b"[" * 4000 + b"]" * 4000).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "token", [f"{DEEP[:5000]}.e30.e30", f"{DEEP}.e30.e30", "e30.e30.e30", "a.b.c", "a.b", "x" * 9000]
)
def test_nonsense_is_refused_as_nonsense(site, token):
    assert refused(site, token)


# --- keys that change


def test_a_new_key_is_known_after_asking_once_and_a_removed_one_is_forgotten(site, aanbieder):
    old = aanbieder.access_token("noord")
    assert not refused(site, old)
    asked = aanbieder.times_asked()
    aanbieder.publish("rsa-2", "ec-2")
    time.sleep(1.1)
    fresh = [aanbieder.access_token("noord") for _ in range(3)]
    assert jwt.get_unverified_header(fresh[0])["kid"] == "rsa-2"
    assert [refused(site, token) for token in fresh] == [False] * 3
    assert aanbieder.times_asked() == asked + 1
    assert refused(site, old)


def test_a_key_that_is_published_again_besides_the_old_one_serves_both(site, aanbieder):
    old = aanbieder.access_token("noord")
    aanbieder.publish("rsa-2", "rsa-1", "ec-1")
    time.sleep(1.1)
    assert not refused(site, aanbieder.access_token("noord"))
    assert not refused(site, old)
