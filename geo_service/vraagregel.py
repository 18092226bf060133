"""The query of a request, taken apart once: it is read by the question, by the ETag and by the log."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.requests import Request

Pairs = tuple[tuple[str, str], ...]
_KEPT = "vraagregel"


def query_pairs(request: Request) -> Pairs:
    """Names and values in the order in which they were asked; those without a value too."""
    state = request.scope.setdefault("state", {})
    found: Pairs | None = state.get(_KEPT)
    if found is None:
        text = request.scope["query_string"].decode()
        found = state[_KEPT] = tuple(parse_qsl(text, keep_blank_values=True))
    return found
