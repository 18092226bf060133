"""The log-in of the pages: OpenID Connect with a code, PKCE, state and nonce."""

from __future__ import annotations

import hmac
import json
import secrets
from dataclasses import dataclass
from urllib.parse import urlencode

from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from cryptography.fernet import InvalidToken as NotSealed
from fastapi import Request

from geo_service.errors import InvalidToken, Unavailable
from geo_service.identity import Viewer
from geo_service.settings import Settings
from geo_service.toegang.aanbieder import Aanbieder
from geo_service.toegang.adres import own_path
from geo_service.toegang.cookies import RUNNING_SECONDS
from geo_service.toegang.fouten import BAD_TOKEN, EXPIRED, LoginFailed
from geo_service.toegang.geheimen import sealer
from geo_service.toegang.tokens import Tokens

FAILED = "De aanmelddienst heeft u niet ingelogd. Probeer het opnieuw."
STALE = "Het inloggen duurde te lang of begon in een ander venster. Begin opnieuw."
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}


@dataclass(frozen=True)
class Begonnen:
    """A log-in that started: where the browser goes, and what its cookie keeps until it is back."""

    location: str
    cookie: str


@dataclass(frozen=True)
class _Lopend:
    """What only this browser and we know while it is away."""

    state: str
    nonce: str
    verifier: str
    terug: str


class Inloggen:
    """Sends a browser to the provider and reads what it comes back with."""

    def __init__(self, aanbieder: Aanbieder, tokens: Tokens, secret: bytes, settings: Settings):
        self._aanbieder, self._tokens, self._settings = aanbieder, tokens, settings
        self._sealer = sealer(secret, "inloggen")

    async def begin(self, redirect_uri: str, terug: str) -> Begonnen:
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        lopend = _Lopend(state, nonce, verifier, terug)
        location = prepare_grant_uri(
            await self._adres("authorization_endpoint"),
            client_id=self._settings.oidc_client_id,
            response_type="code",
            redirect_uri=redirect_uri,
            scope=self._settings.oidc_scopes,
            state=lopend.state,
            nonce=lopend.nonce,
            code_challenge=create_s256_code_challenge(lopend.verifier),
            code_challenge_method="S256",
        )
        return Begonnen(location, self._sealer.encrypt(json.dumps(vars(lopend)).encode()).decode())

    async def finish(self, request: Request, cookie: str, redirect_uri: str) -> tuple[Viewer, str]:
        """Who logged in and where they were going; LoginFailed when anything does not fit what began here."""
        lopend = self._open(cookie)
        answer = request.query_params
        if len(answer.getlist("state")) != 1 or not hmac.compare_digest(
            answer["state"].encode(), lopend.state.encode()
        ):
            raise LoginFailed(STALE)
        code = answer.get("code", "")
        if not code or answer.get("iss", self._aanbieder.issuer) != self._aanbieder.issuer:
            raise LoginFailed(FAILED)
        token = await self._exchange(code, lopend, redirect_uri)
        try:
            viewer = await self._tokens.viewer_at_login(token, lopend.nonce)
        except InvalidToken as error:
            raise LoginFailed(FAILED if str(error) in (BAD_TOKEN, EXPIRED) else str(error)) from None
        return viewer, own_path(lopend.terug)

    async def leave_address(self, back: str) -> str | None:
        """Where the browser logs out at the provider itself; None when the provider has no such address, or is away."""
        try:
            address = await self._aanbieder.adres("end_session_endpoint")
        except Unavailable:
            return None
        if address is None:
            return None
        query = {"client_id": self._settings.oidc_client_id, "post_logout_redirect_uri": back}
        return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"

    def _open(self, cookie: str) -> _Lopend:
        try:
            return _Lopend(**json.loads(self._sealer.decrypt(cookie.encode(), ttl=RUNNING_SECONDS)))
        except NotSealed:
            raise LoginFailed(STALE) from None

    async def _exchange(self, code: str, lopend: _Lopend, redirect_uri: str) -> str:
        """The id token for a code; only who knows the verifier gets it."""
        secret = self._settings.oidc_client_geheim
        auth = ClientAuth(
            self._settings.oidc_client_id,
            secret.get_secret_value() if secret else None,
            "client_secret_basic" if secret else "none",
        )
        form = prepare_token_request(
            "authorization_code", code=code, redirect_uri=redirect_uri, code_verifier=lopend.verifier
        )
        address, headers, body = auth.prepare("POST", await self._adres("token_endpoint"), dict(FORM), form)
        answer = await self._aanbieder.post(address, body, headers)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise LoginFailed(FAILED)
        return token

    async def _adres(self, name: str) -> str:
        address = await self._aanbieder.adres(name)
        if address is None:
            raise LoginFailed(FAILED)
        return address
