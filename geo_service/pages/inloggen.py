"""Development log-in: a link with a token becomes a cookie. Off when development tokens are off."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse

from geo_service.errors import NotFound
from geo_service.identity import viewer_from_token
from geo_service.web import COOKIE

router = APIRouter()


@router.get("/ontwikkel/inloggen")
async def inloggen(request: Request, token: str = "") -> RedirectResponse:
    """Show the pages as another role, on this machine only; without a token: as the public again."""
    if request.app.state.secret is None:
        raise NotFound("Dit adres bestaat niet.")
    response = RedirectResponse("/kaart", status_code=303)
    if not token:
        response.delete_cookie(COOKIE)
        return response
    viewer_from_token(token, request.app.state.secret)
    response.set_cookie(COOKIE, token, httponly=True, samesite="strict", max_age=30 * 86400)
    return response
