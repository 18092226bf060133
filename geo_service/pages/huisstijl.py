"""The design tokens of a municipality: a file with custom properties only, checked at the start and served by us."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import Response

from geo_service.errors import NotFound, Refused
from geo_service.settings import get_settings

ADDRESS = "/statisch/gemeente.css"
LARGEST = 512_000
# What computes a colour or a size. Nothing on this list can ask for a file.
COLOURS = frozenset({"rgb", "rgba", "hsl", "hsla", "hwb", "lab", "lch", "oklab", "oklch", "color", "color-mix"})
FUNCTIONS = COLOURS | {"light-dark", "var", "calc", "min", "max", "clamp", "cubic-bezier"}
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"\s*([^{}]*)\{([^{}]*)\}")
_SELECTOR = re.compile(r"(:root|html)?(\.[A-Za-z][\w-]*)?")
_DECLARATION = re.compile(r"\s*(--[A-Za-z0-9_-]+)\s*:(.*)", re.DOTALL)
_FUNCTION = re.compile(r"([A-Za-z0-9_-]*)\(")
_FORBIDDEN = re.compile(r"[\\<>@!\x00-\x08\x0b\x0c\x0e-\x1f]")

router = APIRouter()


@router.get(ADDRESS)
async def stylesheet(request: Request) -> Response:
    """The tokens of this municipality; asked again at every page, and sent when they changed."""
    css = own_tokens()
    if css is None:
        raise NotFound("Dit adres bestaat niet.")
    tag = f'W/"{hashlib.sha256(css.encode()).hexdigest()[:20]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if tag in (part.strip() for part in request.headers.get("if-none-match", "").split(",")):
        return Response(status_code=304, headers=headers)
    return Response(css, media_type="text/css", headers=headers)


def own_tokens() -> str | None:
    """What the setting huisstijl_css names, read once; None without one. Raises Refused for what cannot be."""
    path = get_settings().huisstijl_css
    return read_tokens(path) if path else None


@cache
def read_tokens(path: Path) -> str:
    """The custom properties of a file as one rule for the whole page. Raises Refused with the line that is wrong."""
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
    except OSError:
        raise _refused("is niet te lezen. Klopt het pad, en mag Buurtsignaal het bestand lezen?") from None
    except UnicodeDecodeError:
        raise _refused("is geen tekst in UTF-8.") from None
    if len(data) > LARGEST:
        raise _refused(f"is te groot: ten hoogste {LARGEST // 1000} kB.")
    found = list(_declarations(_COMMENT.sub(lambda match: "\n" * match[0].count("\n"), text)))
    if not found:
        raise _refused("bevat geen enkele eigen variabele (--naam: waarde).")
    return ":root {\n" + "".join(f"  {name}: {value};\n" for name, value in found) + "}\n"


def _declarations(text: str) -> Iterator[tuple[str, str]]:
    """Name and value of every custom property, in order."""
    themes: set[str] = set()
    at = 0
    while match := _RULE.match(text, at):
        line = _line(text, match.start(1))
        themes |= _theme(match[1], line)
        if len(themes) > 1:
            raise _refused(f"bevat meer dan één thema ({', '.join(sorted(themes))}). Houd er één over.", line)
        yield from _body(match[2], text, match.start(2))
        at = match.end()
    if text[at:].strip():
        raise _refused("bevat iets wat geen blok met variabelen is.", _line(text, at))


def _theme(selectors: str, line: int) -> set[str]:
    found = set()
    for selector in (part.strip() for part in selectors.split(",")):
        match = _SELECTOR.fullmatch(selector)
        if not selector or match is None:
            what = "een @-regel" if selector.startswith("@") else f"de selector “{selector[:60]}”"
            raise _refused(f"bevat {what}. Alleen :root, html of één klasse zoals .mijn-thema mag.", line)
        found |= {match[2]} if match[2] else set()
    return found


def _body(body: str, text: str, start: int) -> Iterator[tuple[str, str]]:
    at = start
    for part in body.split(";"):
        line = _line(text, at)
        at += len(part) + 1
        if not part.strip():
            continue
        match = _DECLARATION.fullmatch(part)
        if match is None:
            raise _refused(f"zet “{part.strip()[:60]}”. Alleen eigen variabelen mogen: --naam: waarde.", line)
        yield match[1], _value(match[1], " ".join(match[2].split()), line)


def _value(name: str, value: str, line: int) -> str:
    unknown = sorted({called.lower() for called in _FUNCTION.findall(value) if called} - FUNCTIONS)
    if unknown:
        why = "Een huisstijl haalt geen bestanden op." if "url" in unknown else "Die functie mag hier niet."
        raise _refused(f"gebruikt {unknown[0]}() bij {name}. {why}", line)
    balanced = value.count("(") == value.count(")") and not value.count('"') % 2 and not value.count("'") % 2
    if _FORBIDDEN.search(value) or not balanced or not value:
        raise _refused(f"heeft een waarde die niet kan bij {name}.", line)
    return value


def _line(text: str, at: int) -> int:
    """The number of the line where the first letter stands at or after this place."""
    return text.count("\n", 0, at + len(text[at:]) - len(text[at:].lstrip())) + 1


def _refused(why: str, line: int | None = None) -> Refused:
    where = f", regel {line}:" if line else ""
    return Refused(f"Het bestand van de huisstijl (BUURTSIGNAAL_HUISSTIJL_CSS){where} {why}")
