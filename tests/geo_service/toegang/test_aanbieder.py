"""What we believe of a provider: when we ask again, what we keep when it is away, and what we refuse to read."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from geo_service.errors import InvalidToken, Unavailable
from geo_service.settings import Settings
from geo_service.toegang.aanbieder import DISCOVERY, Aanbieder
from geo_service.toegang.tokens import Tokens
from tests.geo_service.api.website import serve
from tests.geo_service.support import settings
from tests.geo_service.toegang.aanbieder import API


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def with_provider(issuer, story):
    """Run a story about a provider with a clock of its own: ask every 10 seconds at most, keep for 300."""

    async def tell():
        clock = Clock()
        aanbieder = Aanbieder(issuer, bewaar=300, rust=10, clock=clock)
        try:
            await story(aanbieder, clock)
        finally:
            await aanbieder.close()

    asyncio.run(tell())


def test_an_unknown_key_makes_us_ask_again_but_not_each_time(aanbieder):
    async def story(known, clock):
        before = aanbieder.times_asked()
        assert await known.sleutel("rsa-1") is not None
        for _ in range(5):
            assert await known.sleutel("onbekend") is None
        assert aanbieder.times_asked() == before + 1
        clock.now = 11
        await asyncio.gather(*(known.sleutel(f"onbekend-{number}") for number in range(20)))
        assert aanbieder.times_asked() == before + 2

    with_provider(aanbieder.issuer, story)


def test_a_removed_key_is_forgotten_after_a_while_without_anybody_asking_for_another(aanbieder):
    async def story(known, clock):
        assert await known.sleutel("rsa-1") is not None
        aanbieder.publish("rsa-2", "ec-2")
        clock.now = 299
        assert await known.sleutel("rsa-1") is not None
        clock.now = 300
        assert await known.sleutel("rsa-1") is None
        assert await known.sleutel("rsa-2") is not None

    with_provider(aanbieder.issuer, story)


def test_while_the_provider_is_away_its_keys_count_for_a_while_and_then_no_more(aanbieder):
    async def story(known, clock):
        assert await known.sleutel("rsa-1") is not None
        aanbieder.break_down()
        clock.now = 400
        assert await known.sleutel("rsa-1") is not None
        clock.now = 900
        with pytest.raises(Unavailable):
            await known.sleutel("rsa-1")
        aanbieder.break_down(False)
        clock.now = 911
        assert await known.sleutel("rsa-1") is not None

    with_provider(aanbieder.issuer, story)


def test_a_provider_that_was_never_there_is_told_as_such(toegang_url, aanbieder):
    token = aanbieder.access_token("noord")
    aanbieder.break_down()
    with settings(oidc_uitgever=aanbieder.issuer, oidc_publiek=API), serve(toegang_url) as website:
        for path, headers in (("/inloggen", {}), ("/v1/collections", {"Authorization": f"Bearer {token}"})):
            answer = website.client.get(path, headers=headers)
            assert answer.status_code == 503
            assert "aanmelddienst" in answer.json()["detail"]
        assert website.client.get("/v1/collections").status_code == 200


# --- a provider that does not speak as it should


@contextmanager
def speaking(**changes) -> Iterator[tuple[str, dict]]:
    """A server that publishes this discovery document and these keys."""
    said: dict = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = said[self.path]
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer = f"http://127.0.0.1:{server.server_port}"
    document = {
        "issuer": issuer, "authorization_endpoint": f"{issuer}/auth", "token_endpoint": f"{issuer}/token",
        "jwks_uri": f"{issuer}/jwks",
    }  # fmt: skip
    said[DISCOVERY] = json.dumps(document | {k: v for k, v in changes.items() if k != "jwks"}).encode()
    said["/jwks"] = json.dumps(changes.get("jwks", {"keys": [{"kid": "a", "kty": "RSA"}]})).encode()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield issuer, said
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


STRANGE = {
    "another issuer": {"issuer": "https://iemand.anders.test"},
    "plain http elsewhere": {"jwks_uri": "http://iemand.anders.test/jwks"},
    "an address of another kind": {"token_endpoint": "file:///etc/passwd"},
    "an address that is none": {"authorization_endpoint": 3},
    "no object of keys": {"jwks": []},
    "no list of keys": {"jwks": {"keys": 3}},
    "no keys at all": {"jwks": {}},
    "too much": {"jwks": {"keys": [], "vulling": "x" * 300_000}},
}


@pytest.mark.parametrize("changes", STRANGE.values(), ids=STRANGE)
def test_a_provider_that_speaks_strangely_is_not_believed(changes):
    async def story(known, _):
        with pytest.raises(Unavailable):
            await known.sleutel("a")

    with speaking(**changes) as (issuer, _):
        with_provider(issuer, story)


def test_as_long_as_it_speaks_well_it_is_believed():
    async def story(known, _):
        assert (await known.sleutel("a"))["kty"] == "RSA"

    with speaking() as (issuer, _):
        with_provider(issuer, story)


PUBLISHED = {
    "as it should be": ({}, 2048, True),
    "a key for encryption": ({"use": "enc"}, 2048, False),
    "a key for something else": ({"key_ops": ["encrypt"]}, 2048, False),
    "a key for another algorithm": ({"alg": "PS256"}, 2048, False),
    "a secret": ({"kty": "oct", "k": "c2VjcmV0"}, 2048, False),
    "a key of another kind": ({"kty": "EC", "crv": "P-256"}, 2048, False),
    "half a key": ({"n": "!"}, 2048, False),
    "a small key": ({}, 1024, False),
}


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize(("changes", "bits", "good"), PUBLISHED.values(), ids=PUBLISHED)
def test_only_a_published_key_for_signing_of_decent_size_counts(changes, bits, good):
    private = rsa.generate_private_key(65537, bits)
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(private.public_key())) | {"kid": "a"} | changes

    async def story(known, _):
        claims = {"iss": known.issuer, "aud": API, "sub": "x", "rol": "onderzoeker"}
        claims |= {"iat": 1_700_000_000, "exp": 4_000_000_000}
        token = jwt.encode(claims, private, "RS256", headers={"kid": "a", "typ": "at+jwt"})
        tokens = Tokens(known, Settings(oidc_publiek=API))
        if good:
            assert (await tokens.viewer(token)).role == "onderzoeker"
        else:
            with pytest.raises(InvalidToken):
                await tokens.viewer(token)

    with speaking(jwks={"keys": [public]}) as (issuer, _):
        with_provider(issuer, story)


# --- the token of one log-in

AT_LOGIN = {
    "as it should be": ({}, True),
    "for us among others, made for us": ({"aud": ["buurtsignaal", "x"], "azp": "buurtsignaal"}, True),
    "another nonce": ({"nonce": "van-een-ander"}, False),
    "a nonce of strange signs": ({"nonce": "zoë"}, False),
    "no nonce": ({"nonce": None}, False),
    "for the API": ({"aud": API}, False),
    "made for another client": ({"aud": ["buurtsignaal", "x"], "azp": "x"}, False),
    "of another issuer": ({"iss": "https://iemand.anders.test"}, False),
    "expired": ({"exp": 1_700_000_001}, False),
}


@pytest.mark.parametrize(("changes", "good"), AT_LOGIN.values(), ids=AT_LOGIN)
def test_the_token_of_a_log_in_is_for_this_very_log_in(aanbieder, changes, good):
    async def story(known, _):
        claims = {"iss": known.issuer, "aud": "buurtsignaal", "sub": "x", "rol": "onderzoeker", "nonce": "n-1"}
        token = aanbieder.sign(claims | {"iat": 1_700_000_000, "exp": 4_000_000_000} | changes, typ="JWT")
        tokens = Tokens(known, Settings())
        if good:
            assert (await tokens.viewer_at_login(token, "n-1")).role == "onderzoeker"
        else:
            with pytest.raises(InvalidToken):
                await tokens.viewer_at_login(token, "n-1")

    with_provider(aanbieder.issuer, story)
