"""Templates, and what every page of the site needs to know."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, select_autoescape

import maps
from geo_service.errors import BuurtsignaalError
from geo_service.identity import ALL_STADSDELEN, PUBLIEK, Role, Viewer
from geo_service.pages import huisstijl
from geo_service.settings import get_settings
from maps.assets import style_links

STATIC = Path(maps.__file__).parent / "static"
ASSETS = "/statisch"
ROLE_NAMES = {
    Role.ONDERZOEKER: "onderzoeker",
    Role.WIJKREGISSEUR: "wijkregisseur",
    Role.STADSDEELMANAGER: "stadsdeelmanager",
    Role.GEGEVENSBEHEERDER: "gegevensbeheerder",
    Role.BEHEERDER: "beheerder",
}

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(default=True, default_for_string=True),
    auto_reload=False,
)


def page(template: str, *, pagina: str, viewer: Viewer = PUBLIEK, status: int = 200, **context: Any) -> HTMLResponse:
    """A whole page as a response. context: what the template's first comment asks for."""
    html = render(template, pagina=pagina, viewer=viewer, status=status, **context)
    return HTMLResponse(html, status, {"Cache-Control": "no-store"})


def render(template: str, *, pagina: str, viewer: Viewer = PUBLIEK, status: int = 200, **context: Any) -> str:
    """The HTML of a whole page."""
    common = {
        "pagina": pagina,
        "assets": ASSETS,
        "stijl": style_links(ASSETS),
        "huisstijl": huisstijl.ADDRESS if huisstijl.own_tokens() else None,
        "rol": ROLE_NAMES.get(viewer.role),
        "rol_gebied": area_in_words(viewer),
        "formuliercode": viewer.formuliercode,
        "ontwikkel": viewer.ontwikkel,
        "kan_inloggen": get_settings().oidc_uitgever is not None,
        "noodtoegang": viewer.noodtoegang,
        "eigen_pagina": own_page(viewer),
        "status": status,
    }
    return _templates.get_template(template).render(**(common | {"gemeente_naam": None} | context))


def fragment(template: str, **context: Any) -> str:
    """A part of a page, or a text that is no page of the site."""
    return _templates.get_template(template).render(**context)


def own_page(viewer: Viewer) -> tuple[str, str, str] | None:
    """The page (slug, address, name) that is only for a role like this one."""
    if viewer.role is Role.BEHEERDER:
        return ("beheer", "/beheer", "Beheer")
    if viewer.role is Role.GEGEVENSBEHEERDER:
        return ("verbeteringen", "/verbeteringen", "Verbeteringen")
    asks = viewer.scoped and ALL_STADSDELEN not in viewer.stadsdelen
    return ("noodtoegang", "/noodtoegang", "Noodtoegang") if asks else None


def area_in_words(viewer: Viewer) -> str:
    """The stadsdelen of a viewer by the name in their code; empty for who has none."""
    if not viewer.scoped:
        return ""
    if ALL_STADSDELEN in viewer.stadsdelen:
        return "alle stadsdelen"
    names = sorted(code.rpartition("-SD-")[2].replace("-", " ").capitalize() for code in viewer.stadsdelen)
    return f"{'stadsdeel' if len(names) == 1 else 'stadsdelen'} {', '.join(names)}" if names else "geen stadsdeel"


def error_page(request: Request, error: BuurtsignaalError, headers: dict[str, str]) -> HTMLResponse:
    """A problem as a Dutch page; with the number of the request when the fault may be ours."""
    told: dict[str, Any] = {"kop": error.title, "tekst": str(error)}
    kenmerk = getattr(request.state, "kenmerk", None) if error.status >= 500 else None
    response = page("fout.html", pagina="fout", status=error.status, kenmerk=kenmerk, **told)
    response.headers.update(headers)
    return response
