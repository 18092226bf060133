"""``/.well-known/security.txt``: where somebody who finds a leak can tell it (RFC 9116)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse

from geo_service.errors import NotFound
from geo_service.settings import get_settings

PATH = "/.well-known/security.txt"
# The standard asks for less than a year.
VALID = timedelta(days=182)
_STARTED = datetime.now(UTC).date()

router = APIRouter()


@router.get(PATH, name="security.txt")
async def get_security_txt(request: Request) -> PlainTextResponse:
    settings = get_settings()
    expires = settings.beveiliging_geldig_tot or _STARTED + VALID
    if settings.beveiliging_contact is None or expires < datetime.now(UTC).date():
        raise NotFound("Dit adres bestaat niet.")
    root = (settings.openbaar_adres or str(request.base_url)).rstrip("/")
    fields = {
        "Contact": settings.beveiliging_contact,
        "Expires": _end_of(expires),
        "Preferred-Languages": "nl, en",
        "Canonical": root + PATH,
    }
    return PlainTextResponse("".join(f"{name}: {value}\n" for name, value in fields.items()))


def _end_of(day: date) -> str:
    return datetime.combine(day, time(23, 59, 59), UTC).isoformat().replace("+00:00", "Z")
