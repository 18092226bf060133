"""HDBSCAN of the package of that name on a file of points: prints the number of clusters and of noise, and the seconds.

python hdbscan_alone.py POINTS.npy MIN_SIZE TIMES
"""

import json
import sys
import time

import numpy as np
from hdbscan import HDBSCAN


def main(path, min_size, times):
    points = np.load(path)
    HDBSCAN(min_cluster_size=min_size).fit(points[:1000])
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        labels = HDBSCAN(min_cluster_size=min_size).fit(points).labels_
        seconds.append(time.perf_counter() - start)
    print(json.dumps({"clusters": int(labels.max()) + 1, "noise": int((labels < 0).sum()), "seconds": min(seconds)}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
