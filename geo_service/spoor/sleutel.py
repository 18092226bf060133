"""The key that seals the log: made of the secret of the service, so that the database never holds it."""

from __future__ import annotations

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_PURPOSE = b"buurtsignaal logboek"


class Ondertekenaar:
    """Signs texts with Ed25519. publiek: what others check with; sleutel: its short name."""

    def __init__(self, secret: bytes):
        derived = HKDF(SHA256(), 32, salt=None, info=_PURPOSE).derive(secret)
        self._key = Ed25519PrivateKey.from_private_bytes(derived)
        self.publiek = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.sleutel = key_name(self.publiek)

    def sign(self, text: str) -> bytes:
        return self._key.sign(text.encode())


def key_name(publiek: bytes) -> str:
    """The short name of a public key, as it stands beside a signature."""
    return hashlib.sha256(publiek).hexdigest()[:16]


def is_signed(publiek: bytes, text: str, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(publiek).verify(signature, text.encode())
    except InvalidSignature:
        return False
    return True
