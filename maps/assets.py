"""The files a browser needs, all our own: as links below an address, or inside the page itself."""

from __future__ import annotations

import base64
import hashlib
import mimetypes
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from markupsafe import Markup

STATIC = Path(__file__).parent / "static"
# Of every page: the design system and its tokens, then what is ours.
BASIS = ("nlds/voorbeeld.css", "nlds/utrecht.css", "huisstijl.css", "onderdelen.css", "pagina.css")
CSS = (
    "leaflet/leaflet.css",
    "leaflet/MarkerCluster.css",
    *BASIS,
    "legenda.css",
    "kaart.css",
    "hotspots.css",
)
PAPER = "afdruk.css"
JS = ("leaflet/leaflet.js", "leaflet/leaflet.markercluster.js", "buurtsignaal.js")

_URL = re.compile(r"""url\(\s*["']?(?!data:|#)([^"')]+)["']?\s*\)""")
_SOURCE_MAP = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)


@cache
def version() -> str:
    """Changes when any file does, so that browsers may keep the files for ever."""
    digest = hashlib.sha256()
    for path in sorted(p for p in STATIC.rglob("*") if p.is_file()):
        digest.update(path.relative_to(STATIC).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def style_links(assets: str, names: Iterable[str] = CSS) -> Markup:
    """Link elements for pages that load the files from `assets`; names: other style sheets than those of the map."""
    return _join(
        Markup('<link rel="stylesheet" href="{}/{}?v={}"{}>').format(assets.rstrip("/"), name, version(), _medium(name))
        for name in names
    )


def _medium(name: str) -> Markup:
    """No screen waits for what is only for paper."""
    return Markup(' media="print"') if name == PAPER else Markup("")


def script_tags(assets: str, nonce: str | None, names: Iterable[str] = JS, *, defer: bool = False) -> Markup:
    """Script elements, in the order in which they need each  defer: they run when the page has been read."""
    mark = nonce_attribute(nonce) + (Markup(" defer") if defer else Markup(""))
    return _join(
        Markup('<script src="{}/{}?v={}"{}></script>').format(assets.rstrip("/"), name, version(), mark)
        for name in names
    )


def nonce_attribute(nonce: str | None) -> Markup:
    return Markup(' nonce="{}"').format(nonce) if nonce else Markup("")


@cache
def inline_css() -> str:
    """All style sheets as one text, every file they name inside as a data: address."""
    return "\n".join(_embed(STATIC / name) for name in CSS)


@cache
def inline_js() -> str:
    """All scripts as one text that is safe between script tags."""
    text = "\n;\n".join((STATIC / name).read_text(encoding="utf-8") for name in JS)
    return _SOURCE_MAP.sub("", text).replace("</script", "<\\/script").replace("<!--", "<\\!--")


def content_hash(text: str) -> str:
    """The `'sha256-…'` source of an inline script or style in a content security policy."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _embed(path: Path) -> str:
    def data_address(match: re.Match[str]) -> str:
        target = (path.parent / match[1].split("?")[0]).resolve()
        if STATIC not in target.parents:
            raise ValueError(f"{path.name} verwijst buiten de eigen bestanden: {match[1]}")
        kind = mimetypes.guess_type(target.name)[0] or "font/woff2"
        return f"url(data:{kind};base64,{base64.b64encode(target.read_bytes()).decode()})"

    return _URL.sub(data_address, path.read_text(encoding="utf-8"))


def _join(parts: Iterable[Markup]) -> Markup:
    return Markup("\n").join(parts)
