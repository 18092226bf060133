"""One request about the features of a collection, with who asks: where items, tiles and files start."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request

from geo_service.api.vraag import ItemsVraag
from geo_service.db.engine import ReadConnection
from geo_service.identity import Viewer
from geo_service.release.collecties import Aanvraag, Collectie, make_relation
from geo_service.release.context import Gemeente
from geo_service.release.selectie import Relatie, Selectie, select_features
from geo_service.web import Dienst


@dataclass(frozen=True)
class Gevraagd:
    """One request with everything around it. connection: always one of this viewer (``connect_as``)."""

    request: Request
    viewer: Viewer
    dienst: Dienst
    collectie: Collectie
    vraag: ItemsVraag

    @property
    def question(self) -> str:
        """Filter and order in one text: what a cursor belongs to and a count is remembered by."""
        vraag = self.vraag
        scope = (self.viewer.role, self.viewer.gemeente, sorted(self.viewer.stadsdelen))
        return repr((self.collectie.id, scope, vraag.gemeente, vraag.vraag, vraag.filters, vraag.sortby))

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
        """The relation, filtered and ordered as asked."""
        vraag = self.vraag
        return select_features(await self.relation(connection), vraag.filters, velden=vraag.velden, sortby=vraag.sortby)

    async def remembered_selection(self, connection: ReadConnection) -> Selectie:
        """As ``selection``, made once for all tiles of a question, until the data changes."""
        geheugen = self.dienst.geheugen
        # Of now: when the data changes while it is made, nobody finds it.
        key = (geheugen.last_stand, self.question, self.vraag.velden)
        found = geheugen.selecties.get(key)
        if found is None:
            found = await self.selection(connection)
            geheugen.selecties.put(key, found)
        return found
