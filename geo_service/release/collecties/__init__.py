"""The collections of the API, each a relation that is made for the viewer who asks."""

from geo_service.release.collecties import cijfers, gebieden, hotspots, interventies, meldingen, plekken, woningvoorraad
from geo_service.release.collecties.model import VRAAG_PARAMETERS, Aanvraag, Collectie, Moment, Vraag, make_relation

COLLECTIES: dict[str, Collectie] = {
    collectie.id: collectie
    for module in (gebieden, cijfers, hotspots, plekken, woningvoorraad, meldingen, interventies)
    for collectie in module.COLLECTIES
}

__all__ = ["COLLECTIES", "VRAAG_PARAMETERS", "Aanvraag", "Collectie", "Moment", "Vraag", "make_relation"]
