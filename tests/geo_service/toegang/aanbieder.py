"""The real OpenID provider of the tests, and a person who logs in there without a browser window."""

from __future__ import annotations

import re
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import httpx
import jwt
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from tests.browser import skip_aloud

SCRIPT = Path(__file__).with_name("aanbieder.mjs")
PACKAGE = Path(__file__).parents[3] / "node_modules" / "oidc-provider"
API = "https://buurtsignaal.test/api"
OTHER_API = "https://iets-anders.test/api"
CLIENT, CLIENT_SECRET = "buurtsignaal", "geheim-van-de-client:met/tekens"
FIRST_KEYS = ("rsa-1", "ec-1")


@dataclass
class Aanbieder:
    """A provider process on this machine. Its keys can be changed while it runs."""

    issuer: str
    _client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=10), repr=False)

    def publish(self, *kids: str) -> None:
        """Publish these keys only; the first of a kind signs from now on."""
        self._manage("sleutels", {"kids": kids})

    def break_down(self, broken: bool = True) -> None:
        self._manage("stuk", {"stuk": broken})

    def times_asked(self) -> int:
        """How often somebody asked for the keys."""
        return self._client.get(f"{self.issuer}/beheer/teller").json()["teller"]

    def keys(self) -> dict[str, dict[str, Any]]:
        return {key["kid"]: key for key in self._client.get(f"{self.issuer}/jwks").json()["keys"]}

    def sign(self, claims: dict[str, Any], *, kid: str = "rsa-1", algorithm: str | None = None, **header: Any) -> str:
        """A token with the provider's own signature that the provider itself would never make."""
        key = jwt.PyJWK(self._client.get(f"{self.issuer}/beheer/geheim").json()[kid])
        named = {"kid": kid, "typ": "at+jwt"} | header
        known = {name: value for name, value in named.items() if value is not None}
        return jwt.encode(claims, key.key, algorithm=algorithm or key.algorithm_name, headers=known)

    def access_token(self, account: str, *, resource: str = API, **more: str) -> str:
        """A token for the API that the provider itself made for this person."""
        return self.tokens(account, resource=resource, **more)["access_token"]

    def tokens(self, account: str, *, client_id: str = "programma", resource: str | None = API, **more: str) -> dict:
        """Everything that a program on somebody's computer gets when they log in."""
        verifier, back = secrets.token_urlsafe(32), "http://127.0.0.1:9/inloggen/terug"
        asked = {
            "client_id": client_id, "response_type": "code", "scope": "openid lezen", "redirect_uri": back,
            "state": "x", "code_challenge": create_s256_code_challenge(verifier), "code_challenge_method": "S256",
        } | ({"resource": resource} if resource else {}) | more  # fmt: skip
        with httpx.Client(timeout=10) as person:
            location = log_in(person, f"{self.issuer}/auth?{urlencode(asked)}", account, until=back)
            form = {
                "grant_type": "authorization_code", "code": dict(parse_qsl(urlsplit(location).query))["code"],
                "redirect_uri": back, "client_id": client_id, "code_verifier": verifier,
            }  # fmt: skip
            answer = person.post(f"{self.issuer}/token", data=form)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def close(self) -> None:
        self._client.close()

    def _manage(self, what: str, asked: dict[str, Any]) -> None:
        self._client.post(f"{self.issuer}/beheer/{what}", json=asked).raise_for_status()


def log_in(person: httpx.Client, address: str, account: str, *, until: str) -> str:
    """Follow the way to the provider as a browser would and choose an account there; the address it ends at."""
    answer = person.get(address)
    for _ in range(10):
        if answer.status_code == 200 and "/wie/" in str(answer.url):
            answer = person.post(answer.url, data={"account": account})
        assert answer.is_redirect, f"{answer.url}: {answer.status_code} {answer.text[:300]}"
        location = urljoin(str(answer.url), answer.headers["location"])
        if location.startswith(until):
            return location
        answer = person.get(location)
    raise AssertionError("the way back was not found")


def log_out_form(page: str) -> dict[str, str]:
    """The fields of the form to log out on a page of ours."""
    form = re.search(r'<form method="post" action="/uitloggen">(.*?)</form>', page, re.DOTALL)
    assert form, "there is no form to log out"
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form[1]))


@contextmanager
def start_aanbieder() -> Iterator[Aanbieder]:
    node = shutil.which("node")
    if node is None or not PACKAGE.exists():
        skip_aloud("node of oidc-provider ontbreekt: npm ci")
    process = subprocess.Popen(
        [str(node), str(SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout
    port = process.stdout.readline().strip()
    assert port, "the provider did not start"
    made = Aanbieder(f"http://127.0.0.1:{port}")
    try:
        yield made
    finally:
        made.close()
        process.communicate(timeout=20)
