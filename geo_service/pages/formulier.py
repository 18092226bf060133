"""What a form of ours sends."""

from __future__ import annotations

from urllib.parse import parse_qsl

from fastapi import Request

from geo_service.beveiliging.csrf import require_csrf
from geo_service.errors import InvalidParameters, TooLarge

MAX_FIELDS = 10
# After a form the browser asks for a page; to load that again sends nothing twice.
SEE_OTHER = 303


async def signed_form(request: Request) -> dict[str, str]:
    """The fields of a form by name; Forbidden (403) unless our own page made it for this visitor."""
    return dict(await signed_fields(request, MAX_FIELDS))


async def signed_fields(request: Request, most: int) -> list[tuple[str, str]]:
    """As ``signed_form``, every field in turn: boxes that are ticked together have one name."""
    body = (await request.body()).decode("utf-8", "replace")
    try:
        fields = parse_qsl(body, keep_blank_values=True, max_num_fields=most)
    except ValueError:
        raise TooLarge(f"Een formulier heeft ten hoogste {most} velden.") from None
    require_csrf(request, dict(fields))
    return fields


def reasons(error: InvalidParameters | None) -> dict[str, str]:
    """What is wrong by field, for the page that shows the form again."""
    return {fault.name: fault.reason for fault in error.faults} if error else {}
