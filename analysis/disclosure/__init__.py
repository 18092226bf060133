"""Statistical disclosure control of tables of counts: what may be published, and what an outsider could work out."""

from analysis.disclosure.account import Losses, losses, union_of
from analysis.disclosure.protection import audit, cell_range, protect

__all__ = ["Losses", "audit", "cell_range", "losses", "protect", "union_of"]
