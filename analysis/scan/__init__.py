"""Scan statistics: which places, or places and periods, hold more cases than chance and their size explain."""

from analysis.scan.gini import GiniResult, gini_max_share
from analysis.scan.methods import space_time_scan, spatial_scan
from analysis.scan.results import ScanCluster, ScanResult

__all__ = ["GiniResult", "ScanCluster", "ScanResult", "gini_max_share", "space_time_scan", "spatial_scan"]
