"""Templates, and what every page of the site needs to know."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, select_autoescape

import maps
from geo_service.errors import BuurtsignaalError
from geo_service.identity import PUBLIEK, Role, Viewer
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
)


def page(template: str, *, pagina: str, viewer: Viewer = PUBLIEK, status: int = 200, **context: Any) -> HTMLResponse:
    """Render a whole page. context: what the template's first comment asks for."""
    common = {
        "pagina": pagina,
        "assets": ASSETS,
        "stijl": style_links(ASSETS),
        "rol": ROLE_NAMES.get(viewer.role),
        "status": status,
    }
    html = _templates.get_template(template).render(**(common | {"gemeente_naam": None} | context))
    return HTMLResponse(html, status, {"Cache-Control": "no-store"})


def error_page(request: Request, error: BuurtsignaalError, headers: dict[str, str]) -> HTMLResponse:  # noqa: ARG001
    """A problem as a Dutch page."""
    response = page("fout.html", pagina="fout", status=error.status, kop=error.title, tekst=str(error), kenmerk=None)
    response.headers.update(headers)
    return response
