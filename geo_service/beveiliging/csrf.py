"""Forms that only our own pages can send: a hidden field that belongs to the session, and where the form came from."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping

from starlette.requests import Request

from geo_service.beveiliging.headers import origin_of
from geo_service.errors import Forbidden
from geo_service.settings import get_settings
from geo_service.toegang import cookies
from geo_service.toegang.geheimen import derive, keyed_hash
from geo_service.web import get_dienst

FIELD = "csrf"
_NONCE_BYTES = 16
_STALE = "Dit formulier is verlopen of kwam niet van deze website. Open de pagina opnieuw en probeer het nog eens."


def csrf_field(request: Request) -> str:
    """The value of the hidden field ``csrf`` on a form of this visitor; only good for the session it was made in.

    The nonce makes it another text on each page, so that its compressed length tells nothing.
    """
    nonce = secrets.token_hex(_NONCE_BYTES)
    return f"{nonce}.{_sign(request, nonce)}"


def require_csrf(request: Request, form: Mapping[str, object]) -> None:
    """Forbidden (403) unless the form was made for this session and sent from our own page."""
    refuse_other_origin(request)
    nonce, _, signature = str(form.get(FIELD, "")).partition(".")
    good = hmac.compare_digest(_sign(request, nonce).encode(), signature.encode())
    if not good or not _session(request):
        raise Forbidden(_STALE)


def refuse_other_origin(request: Request) -> None:
    """Forbidden (403) when the browser says that another site sends this; a browser that says nothing shows nothing."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    if site != "same-origin" or (origin is not None and origin.lower() != _own_origin(request)):
        raise Forbidden(_STALE)


def _own_origin(request: Request) -> str:
    """The address that is set; without one, that of the request itself."""
    return origin_of(get_settings().openbaar_adres or str(request.base_url))


def _session(request: Request) -> str:
    """What the log-in of this visitor is known by; empty for who did not log in."""
    names = (cookies.name_of(request, cookies.SESSION), cookies.DEVELOPMENT)
    return next((request.cookies[name] for name in names if request.cookies.get(name)), "")


def _sign(request: Request, nonce: str) -> str:
    return keyed_hash(derive(get_dienst(request).secret, "csrf"), f"{nonce}\n{_session(request)}").hex()
