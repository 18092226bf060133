"""The HTML templates of this package, always escaped."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from maps.teksten import text_of


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("maps", "sjablonen"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["tekst"] = text_of
    return environment


@cache
def _template(name: str) -> Template:
    """One page fills some of these hundreds of times."""
    return _environment().get_template(name)


def fill(name: str, **context: Any) -> Markup:
    """Render a template of `maps/sjablonen`; the result is safe to put in another template."""
    return Markup(_template(name).render(**context).strip())  # noqa: S704 escaped by the template
