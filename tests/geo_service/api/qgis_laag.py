"""Run by the Python of QGIS: open a collection as an OAPIF layer, draw it, and say in JSON what QGIS saw.

qgis_laag.py ADDRESS COLLECTION PNG
"""

import json
import os
import sys

from qgis.core import (
    QgsApplication,
    QgsFeatureRequest,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor


def main(address: str, collection: str, picture: str) -> None:
    application = QgsApplication([], False)
    application.initQgis()
    source = f"url='{address}/v1/' typename='{collection}' pageSize='25' restrictToRequestBBOX='1'"
    layer = QgsVectorLayer(source, collection, "OAPIF")
    told = {"valid": layer.isValid(), "error": layer.error().message()}
    if layer.isValid():
        features = list(layer.getFeatures())
        box = QgsFeatureRequest(QgsRectangle(6.85, 52.20, 6.90, 52.23))
        told |= {
            "crs": layer.crs().authid(),
            "fields": {field.name(): field.typeName() for field in layer.fields()},
            "count": len(features),
            "codes": sorted(feature["gebied_code"] for feature in features),
            "inside": len(list(layer.getFeatures(box))),
        }
        draw(layer, picture)
    print(json.dumps(told), flush=True)
    # Without a display QGIS 3.22 crashes while it takes itself down.
    os._exit(0)


def draw(layer: QgsVectorLayer, picture: str) -> None:
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(layer.crs())
    settings.setBackgroundColor(QColor("white"))
    settings.setOutputSize(QSize(600, 450))
    settings.setExtent(layer.extent())
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    job.renderedImage().save(picture)


if __name__ == "__main__":
    main(*sys.argv[1:])
