"""Visits to wijkwijzers per area: where the visitors come from, with the status and rules of every figure."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from geo_service.identity import Viewer
from geo_service.release.cijfers import CijferTabel, CijferVraag, one_tabel
from geo_service.release.context import Gemeente
from geo_service.release.lagen import BEZOEKEN


async def bezoeken_per_gebied(
    connection: AsyncConnection, viewer: Viewer, gemeente: Gemeente, vraag: CijferVraag
) -> CijferTabel | None:
    """Figures of one level, source, category and period; None when the municipality has no visits at all.

    The category is ``alle`` or one value of one dimension (``kanaal-fysiek``). An area counts the visits that come from
    it. Visits of unknown origin are part of the municipality's total and of no smaller area; who sees the whole
    municipality gets them as a row of their own on the levels below.
    """
    return await one_tabel(connection, viewer, gemeente, BEZOEKEN, vraag)


async def bezoek_categorieen(connection: AsyncConnection, gemeente: Gemeente) -> dict[str, str]:
    """Dutch name per category of visits: the sum, the channels, the outcomes and the themes that are loaded."""
    found = await BEZOEKEN.load_categorieen(connection, gemeente.code)
    return {code: categorie.naam for code, categorie in found.items()}
