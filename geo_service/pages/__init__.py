"""The Dutch web pages: whole documents around the fragments that ``maps`` renders."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from geo_service.pages import (
    beheer,
    bereik,
    correcties,
    gebied,
    getal,
    huisstijl,
    inloggen,
    interventies,
    kaart,
    kaartlagen,
    maandagpost,
    notities,
    plannen,
    start,
    tegelkaart,
    teksten,
    terugblik,
    uitleg,
    vergelijken,
    voorzieningen,
    weergaven,
    wijkbrief,
    zoeken,
)
from geo_service.pages.rendering import STATIC, error_page

__all__ = ["error_page", "mount"]

PAGES = (
    huisstijl, start, kaart, kaartlagen, vergelijken, gebied, wijkbrief, getal, notities, weergaven, voorzieningen,
    bereik, correcties, interventies, terugblik, plannen, maandagpost, tegelkaart, zoeken, teksten, uitleg, inloggen,
    beheer,
)  # fmt: skip


def mount(app: FastAPI) -> None:
    """Put the pages and the browser assets on the application; pages are no part of the API description.

    Raises Refused when the tokens of the municipality cannot be used.
    """
    huisstijl.own_tokens()
    for module in PAGES:
        app.include_router(module.router, include_in_schema=False)
    app.mount("/statisch", StaticFiles(directory=STATIC), name="statisch")
