// A map of vector tiles, drawn as their own MapLibre style says. Licence EUPL-1.2.
(() => {
  "use strict";
  const plek = document.getElementById("tegelkaart");
  const zegt = document.getElementById("tegelkaart-zegt");
  const MAX = 18;

  // The expressions that our own styles use, and no others.
  const REKEN = {
    get: (p, _, naam) => p[naam],
    has: (p, _, naam) => p[naam] !== undefined,
    "!": (p, z, deel) => !waarde(deel, p, z),
    "==": (p, z, een, ander) => waarde(een, p, z) === waarde(ander, p, z),
    all: (p, z, ...delen) => delen.every((deel) => waarde(deel, p, z)),
    any: (p, z, ...delen) => delen.some((deel) => waarde(deel, p, z)),
    sqrt: (p, z, deel) => Math.sqrt(waarde(deel, p, z)),
    coalesce: (p, z, ...delen) => delen.map((deel) => waarde(deel, p, z)).find((found) => found !== undefined && found !== null),
    case: (p, z, ...delen) => {
      for (let at = 0; at + 1 < delen.length; at += 2) if (waarde(delen[at], p, z)) return waarde(delen[at + 1], p, z);
      return waarde(delen.at(-1), p, z);
    },
    step: (p, z, deel, eerste, ...stappen) => {
      const n = waarde(deel, p, z);
      let found = eerste;
      for (let at = 0; at < stappen.length && n >= stappen[at]; at += 2) found = stappen[at + 1];
      return found;
    },
    interpolate: (p, z, _, deel, laag, klein, hoog, groot) => {
      const share = (waarde(deel, p, z) - laag) / (hoog - laag);
      return klein + Math.min(1, Math.max(0, share)) * (groot - klein);
    },
  };

  function waarde(deel, eigenschappen, zoom) {
    if (!Array.isArray(deel)) return deel;
    const [naam, ...rest] = deel;
    if (!REKEN[naam]) throw new Error(`onbekende bewerking in de stijl: ${naam}`);
    return REKEN[naam](eigenschappen, zoom, ...rest);
  }

  // What Leaflet needs to draw one feature: one style per layer that wants it.
  function stijlen(lagen) {
    return (eigenschappen, zoom) =>
      lagen
        .filter((laag) => laag.filter === undefined || waarde(laag.filter, eigenschappen, zoom))
        .map(({ type, paint }) => {
          const van = (naam, anders) => waarde(paint[`${type}-${naam}`] ?? anders, eigenschappen, zoom);
          if (type === "fill") return { fill: true, fillColor: van("color"), fillOpacity: van("opacity", 1), stroke: false };
          if (type === "line") {
            const breedte = van("width", 1);
            const streepjes = paint["line-dasharray"]?.map((deel) => deel * breedte).join(" ");
            return { fill: false, color: van("color"), weight: breedte, opacity: 1, dashArray: streepjes };
          }
          return {
            radius: van("radius"), fill: true, fillColor: van("color"), fillOpacity: van("opacity", 1),
            color: van("stroke-color", "#fff"), weight: van("stroke-width", 0),
          };
        });
  }

  function naamVan(eigenschappen) {
    const naam = eigenschappen.gebied_naam ?? eigenschappen.naam ?? eigenschappen.titel;
    const { aantal, status } = eigenschappen;
    const telling = aantal === undefined || aantal === null ? status && `status: ${status}` : `aantal: ${aantal}`;
    return [naam, telling].filter(Boolean).join(", ");
  }

  function toonLegenda(regels) {
    const lijst = document.querySelector(".bs-tegellegenda");
    for (const { kleur, tekst } of regels) {
      const regel = document.createElement("li");
      const vak = document.createElement("span");
      vak.style.background = kleur;
      regel.append(vak, tekst);
      lijst.append(regel);
    }
    lijst.closest("section").hidden = regels.length === 0;
  }

  function teken(stijl) {
    const [naam, bron] = Object.entries(stijl.sources)[0];
    const kaart = L.map(plek, { attributionControl: false, maxZoom: MAX, zoomControl: false, scrollWheelZoom: false });
    L.control.zoom({ zoomInTitle: "Zoom in", zoomOutTitle: "Zoom uit" }).addTo(kaart);
    const [west, zuid, oost, noord] = bron.bounds ?? [3.2, 50.7, 7.3, 53.6];
    const laag = L.vectorGrid.protobuf(bron.tiles[0], {
      rendererFactory: L.canvas.tile,
      maxNativeZoom: bron.maxzoom,
      interactive: true,
      vectorTileLayerStyles: { [naam]: stijlen(stijl.layers) },
    });
    laag.on("load", () => {
      plek.dataset.klaar = "ja";
      zegt.textContent = "Sleep de kaart, of gebruik de pijltjes en + en − als de kaart de aandacht heeft. Klik voor een naam.";
    });
    laag.on("click", ({ layer, latlng }) => {
      const tekst = document.createElement("span");
      tekst.textContent = naamVan(layer.properties) || "Zonder naam";
      L.popup({ maxWidth: 260 }).setLatLng(latlng).setContent(tekst).openOn(kaart);
    });
    kaart.fitBounds([[zuid, west], [noord, oost]], { animate: false });
    laag.addTo(kaart);
    plek.setAttribute("role", "application");
    plek.setAttribute("aria-label", `Kaart: ${stijl.name}. De tabel staat onder de kaart.`);
    window.Buurtsignaal = { kaart };
    toonLegenda(stijl.metadata["buurtsignaal:legenda"] ?? []);
    document.getElementById("tegelkaart-herkomst").textContent = stijl.metadata["buurtsignaal:herkomst"];
  }

  // The library asks for something that newer versions of Leaflet no longer have.
  L.DomEvent.fakeStop ??= () => true;
  fetch(plek.dataset.stijl, { headers: { accept: "application/vnd.mapbox.style+json" } })
    .then((antwoord) => (antwoord.ok ? antwoord.json() : Promise.reject(new Error(`${antwoord.status}`))))
    .then(teken)
    .catch(() => {
      zegt.textContent = "De kaart tekenen lukte niet. De tabel hieronder heeft dezelfde gegevens.";
    });
})();
