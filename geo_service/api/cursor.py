"""Page cursors: where a page begins, bound to the filter they were made for and to this service."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from geo_service.domain.velden import Soort
from geo_service.errors import InvalidParameters, ParameterFault
from geo_service.release.selectie import Grens, Sortering

SIGNATURE_BYTES = 12


def write_cursor(grens: Grens, question: str, secret: bytes) -> str:
    """A text for in a URL. question: the filter and order in one canonical text."""
    values = [value.isoformat() if isinstance(value, date) else value for value in grens.waarden]
    body = json.dumps([int(grens.terug), *values], separators=(",", ":"), ensure_ascii=False).encode()
    return _as_text(_sign(body, question, secret) + body)


def read_cursor(text: str, question: str, order: Sequence[Sortering], secret: bytes) -> Grens:
    """The boundary of a cursor; InvalidParameters when it was made for another question or changed on the way."""
    try:
        raw = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except ValueError:
        raise _refusal("deze cursor is onleesbaar.") from None
    if _as_text(raw) != text:
        raise _refusal("deze cursor is onleesbaar.")
    signature, body = raw[:SIGNATURE_BYTES], raw[SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, _sign(body, question, secret)):
        raise _refusal("deze cursor hoort bij een andere vraag. Begin opnieuw zonder cursor.")
    terug, *values = json.loads(body)
    return Grens(tuple(_value(value, key.soort) for value, key in zip(values, order, strict=True)), bool(terug))


def _as_text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _value(value: Any, soort: Soort) -> Any:
    if value is None or soort not in (Soort.DAG, Soort.MOMENT):
        return value
    return date.fromisoformat(value) if soort is Soort.DAG else datetime.fromisoformat(value)


def _sign(body: bytes, question: str, secret: bytes) -> bytes:
    made = hashlib.blake2b(question.encode() + b"\0" + body, key=secret[:64], digest_size=SIGNATURE_BYTES)
    return made.digest()


def _refusal(reason: str) -> InvalidParameters:
    return InvalidParameters(ParameterFault("cursor", reason))
