"""Tokens that the provider signed: every check before a claim is believed."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from geo_service.errors import InvalidToken
from geo_service.identity import Viewer
from geo_service.settings import Settings
from geo_service.toegang.aanbieder import Aanbieder
from geo_service.toegang.claims import viewer_of_claims
from geo_service.toegang.fouten import BAD_TOKEN, EXPIRED
from geo_service.toegang.onthouden import Onthouden, Toegelaten

# What may sign, and the kind of key that belongs to it: never a secret that both sides know.
ALGORITHMS: dict[str, tuple[str, str | None]] = {
    **{f"{family}{bits}": ("RSA", None) for family in ("RS", "PS") for bits in (256, 384, 512)},
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
    "EdDSA": ("OKP", "Ed25519"),
}
# A token that brings its own key, or asks for rules that we do not know.
FORBIDDEN_HEADERS = frozenset({"jku", "jwk", "x5u", "x5c", "crit", "b64", "zip"})
ACCESS_TYPES = frozenset({"at+jwt", "application/at+jwt", "jwt"})
# Signs that a token was made for something else: a log-in, a log-out, or a holder who has to prove a key.
NO_ACCESS_CLAIMS = frozenset({"nonce", "at_hash", "c_hash", "s_hash", "events", "cnf"})
REQUIRED = ["iss", "aud", "exp", "iat", "sub"]
LEEWAY = 30
MAX_LENGTH = 8192
MIN_RSA_BITS = 2048
SHAPE = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)


def header_of(token: str) -> Mapping[str, Any]:
    """What a token says about itself, believed by nobody yet; InvalidToken when it is no token at all."""
    if len(token) > MAX_LENGTH or not SHAPE.fullmatch(token):
        raise InvalidToken(BAD_TOKEN)
    return _read_header(token.partition(".")[0])


# The first part of a token is no secret and the same for many; the token itself is kept nowhere.
@lru_cache(maxsize=256)
def _read_header(first: str) -> Mapping[str, Any]:
    try:
        return MappingProxyType(jwt.get_unverified_header(f"{first}.e30.AA"))
    except jwt.InvalidTokenError:
        raise InvalidToken(BAD_TOKEN) from None


class Tokens:
    """Reads what the provider signed, for the API and for our own log-in."""

    def __init__(self, aanbieder: Aanbieder, settings: Settings):
        self._aanbieder, self._settings = aanbieder, settings
        self._known = Onthouden()

    async def viewer(self, token: str) -> Viewer:
        """The viewer of an access token; InvalidToken when anything about it is not as it should be."""
        audience = self._settings.oidc_publiek
        if audience is None:
            raise InvalidToken("Deze dienst neemt geen tokens van de aanmelddienst aan.")
        header = header_of(token)
        key = await self._key(header)
        remembered = hashlib.sha256(f"{key.key_id}.{token}".encode()).digest()
        found = self._known.get(remembered)
        if found is not None:
            return found
        if str(header.get("typ", "JWT")).lower() not in ACCESS_TYPES:
            raise InvalidToken(BAD_TOKEN)
        claims = self._verified(token, key, audience)
        if NO_ACCESS_CLAIMS & claims.keys() or claims.get("typ", "Bearer") != "Bearer":
            raise InvalidToken(BAD_TOKEN)
        viewer = viewer_of_claims(claims, self._settings)
        return self._known.put(remembered, Toegelaten(viewer, float(claims["exp"])))

    async def viewer_at_login(self, token: str, nonce: str) -> Viewer:
        """The viewer of the id token of one log-in, of which only we know the nonce."""
        client = self._settings.oidc_client_id
        claims = self._verified(token, await self._key(header_of(token)), client)
        said = str(claims.get("nonce", ""))
        if claims.get("azp", client) != client or not hmac.compare_digest(said.encode(), nonce.encode()):
            raise InvalidToken(BAD_TOKEN)
        return viewer_of_claims(claims, self._settings)

    async def _key(self, header: Mapping[str, Any]) -> jwt.PyJWK:
        """The published key that a token names, when it fits the algorithm that the token names."""
        algorithm, kid = header.get("alg"), header.get("kid")
        if not isinstance(algorithm, str) or not isinstance(kid, str) or FORBIDDEN_HEADERS & header.keys():
            raise InvalidToken(BAD_TOKEN)
        if algorithm not in ALGORITHMS:
            raise InvalidToken(BAD_TOKEN)
        key = await self._aanbieder.sleutel(kid)
        if key is None or not _fits(key, algorithm):
            raise InvalidToken(BAD_TOKEN)
        try:
            made = jwt.PyJWK(dict(key), algorithm)
        except (jwt.PyJWKError, jwt.InvalidKeyError):
            raise InvalidToken(BAD_TOKEN) from None
        if isinstance(made.key, RSAPublicKey) and made.key.key_size < MIN_RSA_BITS:
            raise InvalidToken(BAD_TOKEN)
        return made

    def _verified(self, token: str, key: jwt.PyJWK, audience: str) -> dict[str, Any]:
        try:
            claims: dict[str, Any] = jwt.decode(
                token, key.key, algorithms=[key.algorithm_name], audience=audience, issuer=self._aanbieder.issuer,
                leeway=LEEWAY, options={"require": REQUIRED},
            )  # fmt: skip
        except jwt.ExpiredSignatureError:
            raise InvalidToken(EXPIRED) from None
        except jwt.InvalidTokenError:
            raise InvalidToken(BAD_TOKEN) from None
        if not claims["sub"]:
            raise InvalidToken(BAD_TOKEN)
        return claims


def _fits(key: Mapping[str, Any], algorithm: str) -> bool:
    kind, curve = ALGORITHMS[algorithm]
    return (
        key.get("kty") == kind
        and (curve is None or key.get("crv") == curve)
        and key.get("alg", algorithm) == algorithm
        and key.get("use", "sig") == "sig"
        and "verify" in key.get("key_ops", ["verify"])
    )
