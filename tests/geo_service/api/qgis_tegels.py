"""Draw vector tiles with QGIS and print which part of the picture has a colour. Runs in the Python of QGIS.

python3 qgis_tegels.py TEMPLATE WEST,SOUTH,EAST,NORTH PICTURE        template with {z}, {x} and {y}; box in EPSG:3857
"""

import sys

from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsRectangle,
    QgsVectorTileLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

WIDTH = 600


def main(template: str, box: str, picture: str) -> None:
    west, south, east, north = map(float, box.split(","))
    layer = QgsVectorTileLayer(f"type=xyz&url={template}&zmin=0&zmax=16", "tegels")
    if not layer.isValid():
        sys.exit("the layer is not valid")
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    settings.setOutputSize(QSize(WIDTH, round(WIDTH * (north - south) / (east - west))))
    settings.setExtent(QgsRectangle(west, south, east, north))
    settings.setBackgroundColor(QColor("white"))
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    image.save(picture)
    white = QColor("white").rgb()
    pixels = [image.pixel(x, y) != white for x in range(image.width()) for y in range(image.height())]
    print(sum(pixels) / len(pixels))


application = QgsApplication([], False)
application.initQgis()
main(*sys.argv[1:])
application.exitQgis()
