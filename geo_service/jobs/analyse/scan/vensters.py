"""What both scans share: where the buurten lie, how large a window may be, and how a cluster becomes a result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import psycopg
import shapely
from scipy.spatial import cKDTree

from analysis.scan import ScanCluster, ScanResult
from geo_service.domain.perioden import Periode
from geo_service.jobs.analyse.kader import Kader
from geo_service.jobs.analyse.parameters import LEVEL, Scan
from geo_service.jobs.analyse.reeksen import Bools, Floats, Lezer
from geo_service.jobs.analyse.vondsten import Drempels, Vlakken, load_vlakken

LEAST_RADIUS = 1000.0


@dataclass(frozen=True, eq=False)
class Vraag:
    """One question to scan. xy: the middles of the buurten (n, 2) in RD metres; getekend (n,): which have one."""

    lezer: Lezer
    periode: Periode
    peiljaar: int
    vlakken: Vlakken
    drempels: Drempels
    xy: Floats
    getekend: Bools
    parameters: Scan

    @property
    def kader(self) -> Kader:
        return self.lezer.kader

    @property
    def max_radius(self) -> float:
        return self.parameters.max_radius or automatic_radius(self.xy[self.getekend])

    def limits(self, sizes: Floats) -> dict[str, Any]:
        """What a scan is told about its windows and simulations. sizes (n,): what max_share is a share of."""
        total = sizes.sum()
        largest = float(sizes.max(initial=0.0) / total) if total else 0.0
        return {
            "max_share": min(max(self.parameters.max_share, largest), 1.0),
            "max_radius": self.max_radius,
            "n_sim": self.parameters.n_sim,
            "seed": self.parameters.seed,
        }

    def topic(self, categorie: str) -> tuple[str, str]:
        return categorie, self.kader.categorieen[categorie]


def make_vraag(connection: psycopg.Connection, lezer: Lezer, periode: Periode, parameters: Scan) -> Vraag:
    peiljaar = lezer.kader.peiljaar(periode)
    vlakken = load_vlakken(connection, lezer.kader, peiljaar)
    buurten = lezer.buurten(peiljaar)
    getekend = np.array([buurt in vlakken.polygonen for buurt in buurten], dtype=np.bool_)
    xy = np.zeros((len(buurten), 2))
    drawn = [vlakken.polygonen[buurt] for buurt in buurten if buurt in vlakken.polygonen]
    xy[getekend] = shapely.get_coordinates(shapely.centroid(drawn)).reshape(-1, 2)
    return Vraag(lezer, periode, peiljaar, vlakken, Drempels(connection, lezer.kader), xy, getekend, parameters)


def automatic_radius(xy: Floats) -> float:
    """The largest radius of a window over middles (n, 2), so that it can hold a few buurten and not a town."""
    if len(xy) < 2:
        return LEAST_RADIUS
    distances, _ = cKDTree(xy).query(xy, k=[min(5, len(xy))])
    return max(LEAST_RADIUS, float(np.median(distances)))


def clear_clusters(result: ScanResult) -> list[ScanCluster]:
    """Those that chance would rarely make; a scan gives no two that share a buurt."""
    return [cluster for cluster in result.clusters if cluster.p_value <= LEVEL]


def told(result: ScanResult) -> dict[str, Any]:
    """What the run keeps of a scan: what it says, and the limits that it found by itself."""
    kept = ("max_share", "n_sim_run")
    return {"uitleg": result.uitleg} | {name: result.parameters[name] for name in kept}
