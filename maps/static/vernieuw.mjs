// Copies the files of HERKOMST.md from node_modules; run with: npm ci && npm run assets
import { cpSync, mkdirSync } from "node:fs";
import { make } from "./nlds.mjs";

const files = [
  ["leaflet/dist/leaflet.js", "leaflet/leaflet.js"],
  ["leaflet/dist/leaflet.css", "leaflet/leaflet.css"],
  ["leaflet/dist/images", "leaflet/images"],
  ["leaflet/LICENSE", "leaflet/LICENSE"],
  ["leaflet.markercluster/dist/leaflet.markercluster.js", "leaflet/leaflet.markercluster.js"],
  ["leaflet.markercluster/dist/MarkerCluster.css", "leaflet/MarkerCluster.css"],
  ["leaflet.markercluster/MIT-LICENCE.txt", "leaflet/MIT-LICENCE-markercluster.txt"],
  ["leaflet.vectorgrid/dist/Leaflet.VectorGrid.bundled.min.js", "leaflet/leaflet.vectorgrid.js"],
  ["leaflet.vectorgrid/README.md", "leaflet/LICENCE-vectorgrid.md"],
  ["@geoman-io/leaflet-geoman-free/dist/leaflet-geoman.min.js", "leaflet/leaflet-geoman.min.js"],
  ["@geoman-io/leaflet-geoman-free/LICENSE", "leaflet/LICENSE-geoman"],
  [
    "@fontsource-variable/source-sans-3/files/source-sans-3-latin-wght-normal.woff2",
    "lettertype/source-sans-3-latin-wght-normal.woff2",
  ],
  ["@fontsource-variable/source-sans-3/LICENSE", "lettertype/LICENSE"],
];

for (const [from, to] of files) {
  mkdirSync(new URL(".", new URL(to, import.meta.url)), { recursive: true });
  cpSync(new URL(`../../node_modules/${from}`, import.meta.url), new URL(to, import.meta.url), { recursive: true });
}

make();
