"""Actions in the neighbourhood: the goals of the policy that each of them serves."""

from __future__ import annotations

DOELEN = {
    1: "zelf- en samenredzaamheid",
    2: "meedoen",
    3: "langer zelfstandig thuis",
    4: "kwaliteit van leven",
    5: "leefbare wijken en preventie",
}
