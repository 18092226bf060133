"""Release: judge the lattice of a source once, as a whole, and put it in ``publiek``, where everyone reads the same answer.

``bron`` reads what a source has and where, ``tabel`` makes a table with totals of its counts, ``besluit`` decides what may
be seen of it, and ``vrijgeven`` does so for the periods that are due.
"""

from geo_service.jobs.vrijgave.bron import releasable
from geo_service.jobs.vrijgave.vrijgeven import correct, release_due, release_source, sources_to_release

__all__ = ["correct", "releasable", "release_due", "release_source", "sources_to_release"]
