"""Keys for one purpose each, derived from the secret of the service."""

from __future__ import annotations

import base64
import hashlib
import hmac
from functools import lru_cache

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


@lru_cache(maxsize=32)
def derive(secret: bytes, purpose: str) -> bytes:
    """32 bytes that tell nothing about the secret or about the key of another purpose."""
    return HKDF(SHA256(), 32, salt=None, info=f"buurtsignaal/{purpose}".encode()).derive(secret)


def sealer(secret: bytes, purpose: str) -> Fernet:
    """Encrypts and signs; what was sealed too long ago does not open."""
    return Fernet(base64.urlsafe_b64encode(derive(secret, purpose)))


def keyed_hash(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), hashlib.sha256)


def plain_hash(text: str) -> bytes:
    """For random values of 32 bytes: there is nothing to guess."""
    return hashlib.sha256(text.encode()).digest()
