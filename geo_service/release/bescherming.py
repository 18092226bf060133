"""What is withheld from a viewer, in words: goes along with every picture, print and explanation of a figure."""

from __future__ import annotations

from geo_service.identity import Viewer
from geo_service.release.context import Gemeente
from geo_service.settings import get_settings

VERRAADT = "en ook getallen die zo'n aantal zouden verraden. Een echte nul staat er wel."
INTERN = "Er staan kleine aantallen in: alleen voor gebruik binnen uw werk."


def bescherming(viewer: Viewer, gemeente: Gemeente) -> str:
    """The rule for all areas of a municipality in one or two Dutch sentences."""
    if viewer.sees_whole(gemeente.code):
        return f"U ziet elk aantal. {INTERN}"
    settings, at_work = get_settings(), viewer.works_in(gemeente.code)
    drempel = settings.drempel_dienst if at_work else settings.drempel_publiek
    hidden = f"Aantallen van 1 tot en met {drempel - 1} zijn verborgen, {VERRAADT}"
    if at_work and viewer.stadsdelen:
        return f"Van uw eigen stadsdelen ziet u elk aantal. {INTERN} Elders: {hidden[:1].lower()}{hidden[1:]}"
    return hidden
