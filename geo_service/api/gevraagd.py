"""One request about the features of a collection, with who asks: where items, tiles and files start."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from fastapi import Request

from geo_service.api.vraag import ItemsVraag
from geo_service.db.engine import ReadConnection
from geo_service.identity import Viewer
from geo_service.release.collecties import Aanvraag, Collectie, make_relation
from geo_service.release.context import Gemeente
from geo_service.release.selectie import Filters, Relatie, Selectie, select_features, within
from geo_service.web import Dienst


@dataclass(frozen=True)
class Gevraagd:
    """One request with everything around it. connection: always one of this viewer (``connect_as``)."""

    request: Request
    viewer: Viewer
    dienst: Dienst
    collectie: Collectie
    vraag: ItemsVraag

    @cached_property
    def question(self) -> str:
        """Filter and order in one text: what a cursor belongs to and a count is remembered by."""
        return self._question(self.vraag.filters)

    def _question(self, filters: Filters) -> str:
        vraag = self.vraag
        scope = (self.viewer.role, self.viewer.gemeente, sorted(self.viewer.stadsdelen))
        return repr((self.collectie.id, scope, vraag.gemeente, vraag.vraag, filters, vraag.sortby))

    async def gemeente(self, connection: ReadConnection) -> Gemeente:
        return await self.dienst.geheugen.gemeente(connection, self.viewer, self.vraag.gemeente)

    async def relation(self, connection: ReadConnection) -> Relatie:
        """What this viewer may see of the collection, for the question and the time that were asked."""
        vraag = self.vraag
        gemeente = await self.gemeente(connection)
        return await make_relation(
            self.collectie, Aanvraag(connection, self.viewer, gemeente, vraag.vraag, vraag.filters.moment)
        )

    async def selection(self, connection: ReadConnection) -> Selectie:
        """The relation, filtered and ordered as asked. All but the box is made once, until the data changes."""
        vraag = self.vraag
        geheugen, without_box = self.dienst.geheugen, replace(vraag.filters, box=None)
        # The stand of now: when the data changes while this is made, nobody finds it.
        key = (geheugen.last_stand, self._question(without_box), vraag.velden)
        found = geheugen.selecties.get(key)
        if found is None:
            relatie = await self.relation(connection)
            found = select_features(relatie, without_box, velden=vraag.velden, sortby=vraag.sortby)
            geheugen.selecties.put(key, found, found.weight)
        return within(found, vraag.filters.box)
