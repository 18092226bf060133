"""What is withheld from a viewer, in words: goes along with every picture, print and explanation of a figure."""

from __future__ import annotations

from geo_service.identity import Viewer
from geo_service.release.context import Gemeente
from geo_service.settings import get_settings

VERRAADT = "en ook getallen die zo'n aantal zouden verraden. Een echte nul staat er wel."
INTERN = "Er staan kleine aantallen in: alleen voor gebruik binnen uw werk."


def drempel_voor(viewer: Viewer, gemeente: Gemeente) -> int:
    """The smallest count of areas that are not the viewer's own that they may see."""
    settings = get_settings()
    return settings.drempel_dienst if viewer.works_in(gemeente.code) else settings.drempel_publiek


def bescherming(viewer: Viewer, gemeente: Gemeente) -> str:
    """The rule for all areas of a municipality in one or two Dutch sentences."""
    if viewer.sees_whole(gemeente.code):
        return f"U ziet elk aantal. {INTERN}"
    hidden = f"Aantallen van 1 tot en met {drempel_voor(viewer, gemeente) - 1} zijn verborgen, {VERRAADT}"
    if viewer.works_in(gemeente.code) and viewer.stadsdelen:
        return f"Van uw eigen stadsdelen ziet u elk aantal. {INTERN} Elders: {hidden[:1].lower()}{hidden[1:]}"
    return hidden
