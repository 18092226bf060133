"""Marks in links of a mail: which subscription, and for what; only this service can make one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

from cryptography.fernet import InvalidToken

from geo_service.toegang.geheimen import sealer

Doel = Literal["bevestigen", "afmelden"]
PURPOSE = "maandagpost"
# A confirmation that nobody gave in a week is none.
BEVESTIGEN_SECONDEN = 7 * 86_400
LANGSTE = 500


@dataclass(frozen=True)
class Merk:
    doel: Doel
    nummer: int


def make_merk(secret: bytes, doel: Doel, nummer: int) -> str:
    text = json.dumps({"doel": doel, "nummer": nummer}).encode()
    return sealer(secret, PURPOSE).encrypt(text).decode()


def open_merk(secret: bytes, doel: Doel, text: str) -> Merk | None:
    """None for a mark that is not ours, is for something else, or is too old."""
    if not text or len(text) > LANGSTE:
        return None
    try:
        ttl = BEVESTIGEN_SECONDEN if doel == "bevestigen" else None
        found = json.loads(sealer(secret, PURPOSE).decrypt(text.encode(), ttl=ttl))
    except InvalidToken:
        return None
    return Merk(doel, int(found["nummer"])) if found["doel"] == doel else None
