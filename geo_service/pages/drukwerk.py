"""A wijkbrief on paper: the same document as the page, on exactly two sheets A4."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass
from typing import Any

from geo_service.api.weergave import number_or_dash, rate_or_dash
from geo_service.domain.perioden import dag_naam
from geo_service.errors import Unavailable
from geo_service.pages.rendering import fragment
from geo_service.release.wijkbrief import Wijkbrief
from maps.teksten import STATUS_WOORD

SECONDEN = 40
MAX_BYTES = 10_000_000
TE_DRUK = "De brief kon nu niet worden gemaakt. Probeer het over een minuut opnieuw."
PAST_NIET = "Deze brief past niet op twee bladzijden, ook niet als wij lijsten inkorten. Gebruik de webpagina."
DOES_NOT_FIT = 3
# A letter holds nothing that the process that prints it must know of us.
OMGEVING = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}


@dataclass(frozen=True)
class Ruimte:
    """How many items of each list there is room for. Lists are shortened and say so; letters never get smaller."""

    zien: int = 10_000
    cijfers: int = 10_000
    onderwerpen: int = 10_000
    onbekend: int = 10_000
    gedaan: int = 10_000
    vragen: int = 10_000
    bronnen: int = 10_000


ALLES = Ruimte()
EERSTE = tuple(
    Ruimte(zien=a, cijfers=b, onderwerpen=c)
    for a, b, c in (
        (6, 12, 14), (6, 10, 12), (5, 8, 10), (5, 7, 8), (5, 6, 6), (4, 6, 4), (4, 5, 2), (4, 5, 0), (3, 4, 0),
        (2, 3, 0), (1, 2, 0), (1, 1, 0),
    )
)  # fmt: skip
TWEEDE = tuple(
    Ruimte(onbekend=a, gedaan=b, vragen=c, bronnen=d)
    for a, b, c, d in (
        (10, 10, 7, 10), (9, 9, 6, 9), (8, 8, 6, 8), (7, 7, 6, 7), (7, 6, 5, 6), (6, 6, 5, 6), (6, 5, 5, 5),
        (5, 5, 4, 5), (5, 4, 4, 4), (4, 4, 3, 4), (4, 3, 3, 3), (3, 2, 3, 2), (2, 2, 2, 2), (1, 1, 1, 1),
    )
)  # fmt: skip


def letter_words() -> dict[str, Any]:
    """How figures, days and statuses read in a letter."""
    return {"getal": number_or_dash, "per_1000": rate_or_dash, "dag": dag_naam, "statuswoord": STATUS_WOORD}


async def print_brief(brief: Wijkbrief, adres: str) -> bytes:
    """The letter as PDF. adres: where it stands on the website, in full; "" when nobody knows.

    Unavailable when it takes too long, or does not fit in its shortest form.
    """
    told = letter_words() | {"brief": brief, "adres": adres}
    question = {
        "kop": fragment("wijkbrief_druk.html", deel="kop", **told),
        "bladen": [
            [fragment("wijkbrief_druk.html", deel=f"blad-{number}", ruimte=room, **told) for room in rooms]
            for number, rooms in ((1, EERSTE), (2, TWEEDE))
        ],
        "voet": "</body></html>",
    }
    return await _run(json.dumps(question).encode())


async def _run(question: bytes) -> bytes:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "maps.pdf",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, env=OMGEVING,
    )  # fmt: skip
    try:
        pdf, _ = await asyncio.wait_for(process.communicate(question), SECONDEN)
    except TimeoutError as error:
        raise Unavailable(TE_DRUK) from error
    finally:
        # Also when the reader went away: nobody waits for the letter then.
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode == DOES_NOT_FIT:
        raise Unavailable(PAST_NIET)
    if process.returncode or not 0 < len(pdf) <= MAX_BYTES:
        raise Unavailable(TE_DRUK)
    return pdf
