"""GeoJSON (RFC 7946) of many points at once: what a group shares is written once, the rest in compiled loops."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
import orjson

from geo_service.domain.punten import Punten, Shared, Whole
from geo_service.formats.kernels import write_geojson_features


def encode_points(punten: Punten, velden: Sequence[str], decimalen: int) -> tuple[bytes, Whole]:
    """The features as a JSON list, and where each of them ends (n,).

    punten: x and y are the first and second coordinate as they are to be written. velden: all properties in their
    order, those that groups share in the order of their names.
    """
    pieces, known = _template(punten, velden), _Known()
    texts = []
    for values in punten.groepen:
        told = tuple(map(known.__getitem__, values))
        texts += [piece % told[first:end] for piece, first, end in pieces]
    starts = np.fromiter(accumulate(map(len, texts), initial=0), np.int64, len(texts) + 1)
    # The last piece of a group ends where the first one of the next begins.
    per_group = np.arange(len(punten.groepen))[:, np.newaxis] * len(pieces) + np.arange(len(pieces) + 1)
    own = [punten.eigen[naam] for naam in velden if naam in punten.eigen]
    text, ends = write_geojson_features(
        punten.ids,
        punten.x,
        punten.y,
        decimalen,
        np.frombuffer(b"".join(texts), np.uint8),
        starts[per_group],
        punten.groep,
        np.array([column.view(np.int64) for column in own], np.int64).reshape(len(own), len(punten)),
        np.array([column.dtype == "M8[D]" for column in own], np.uint8),
    )
    return text.tobytes(), ends


class _Known(dict[Shared, bytes]):
    """Values as JSON, each written once."""

    def __missing__(self, value: Shared) -> bytes:
        self[value] = text = orjson.dumps(value)
        return text


def _template(punten: Punten, velden: Sequence[str]) -> list[tuple[bytes, int, int]]:
    """What stands before, between and after the values that each point has of its own: formats (``%b``), each with the
    first and the last but one of the shared values that it takes."""
    assert list(punten.namen) == [naam for naam in velden if naam not in punten.eigen]  # noqa: S101  (told above)
    pieces, text, first, taken = [], b',"properties":{', 0, 0
    for number, naam in enumerate(velden):
        text += (b"," if number else b"") + orjson.dumps(naam).replace(b"%", b"%%") + b":"
        if naam not in punten.eigen:
            text += b"%b"
            taken += 1
            continue
        pieces.append((text + b'"', first, taken))
        text, first = b'"', taken
    return [*pieces, (text + b"}}", first, taken)]
