/* Buurtsignaal: a small map that shows an area, or takes one that is drawn. Licence EUPL-1.2.
   What is drawn is kept as GeoJSON in the text field of the form, which works without this script too. */
(function () {
  "use strict";

  const BORDER = { color: "#5b6770", weight: 1, fillColor: "#fff", fillOpacity: 0 };
  const OWN = { fillOpacity: 0.75 };
  const AREA = { color: "#14532d", weight: 3, fillColor: "#14532d", fillOpacity: 0.15 };
  const WAIT = 400;
  // A form carries 64 kB, and signs such as brackets take three bytes there.
  const LARGEST = 40000;
  const TEXTS = {
    tooltips: {
      firstVertex: "Klik op de eerste hoek",
      continueLine: "Klik op de volgende hoek",
      finishPoly: "Klik op de eerste hoek om te sluiten",
    },
  };

  document.querySelectorAll(".bs-tekenkaart[data-omtrek]").forEach(show);
  document.querySelectorAll("form[data-interventieform]").forEach(draw);
  document.querySelectorAll("[data-lees]").forEach(readFile);

  function open(box) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const still = calm ? { zoomAnimation: false, fadeAnimation: false, markerZoomAnimation: false } : {};
    const step = box.dataset.tegels ? {} : { zoomSnap: 0.25, zoomDelta: 0.5 };
    const plain = { attributionControl: false, scrollWheelZoom: false, zoomControl: false };
    const map = L.map(box, { ...plain, ...step, ...still });
    L.control.zoom({ zoomInTitle: "Dichterbij", zoomOutTitle: "Verder weg" }).addTo(map);
    if (box.dataset.tegels) L.tileLayer(box.dataset.tegels, { maxZoom: Number(box.dataset.hoogste) }).addTo(map);
    const [west, south, east, north] = JSON.parse(box.dataset.omvang);
    if (west !== undefined) fit(map, [[south, west], [north, east]], 0);
    return map;
  }

  // A map that is not on the screen has no size to fit to; it does so when it is shown.
  function fit(map, bounds, padding) {
    const view = () => map.fitBounds(bounds, { padding: [padding, padding], animate: false });
    map.off("bs-getoond");
    if (map.getContainer().offsetWidth) view();
    else map.once("bs-getoond", view);
  }

  // The buurten, each with its name under the pointer; those that are the editor's own are lighter, and fill the map.
  async function borders(map, address, own) {
    const answer = await fetch(address, { headers: { accept: "application/geo+json" } });
    if (!answer.ok) return;
    const theirs = L.featureGroup();
    L.geoJSON(await answer.json(), {
      pmIgnore: true,
      style: BORDER,
      onEachFeature(feature, layer) {
        const name = document.createElement("span");
        name.textContent = feature.properties.gebied_naam;
        layer.bindTooltip(name, { sticky: true, className: "bs-tooltip" });
        if (!own.has(feature.properties.gebied_code)) return;
        layer.setStyle(OWN);
        theirs.addLayer(layer);
      },
    })
      .addTo(map)
      .bringToBack();
    return theirs.getLayers().length ? theirs.getBounds() : null;
  }

  function show(box) {
    const map = open(box);
    const area = L.geoJSON(JSON.parse(box.dataset.omtrek), { style: AREA, interactive: false }).addTo(map);
    fit(map, area.getBounds(), 24);
    borders(map, box.dataset.grenzen, new Set());
  }

  function draw(form) {
    const field = form.querySelector("[name=tekening]");
    const result = form.querySelector("[data-proef]");
    const box = form.querySelector(".bs-tekenkaart");
    const button = (name) => form.querySelector(`[data-teken=${name}]`);
    form.querySelector(".bs-tekenhulp").hidden = false;
    const map = open(box);
    const drawn = L.featureGroup().addTo(map);
    map.pm.setLang("nl", TEXTS, "en");
    map.pm.setGlobalOptions({ layerGroup: drawn, allowSelfIntersection: true, pathOptions: AREA, snappable: false });
    const own = new Set([...form.querySelectorAll("[name=buurten]")].map((one) => one.value));
    borders(map, box.dataset.grenzen, own).then((bounds) => {
      if (bounds && !drawn.getLayers().length) fit(map, bounds, 16);
    });
    let timer = 0;

    function begin() {
      map.pm.enableDraw("Polygon", { templineStyle: AREA, hintlineStyle: { ...AREA, dashArray: "4 6" } });
      box.scrollIntoView({ block: "nearest" });
    }

    function keep() {
      const shapes = drawn.toGeoJSON().features.map((feature) => feature.geometry);
      field.value = shapes.length ? JSON.stringify(shapes.length === 1 ? shapes[0] : together(shapes)) : "";
      judge();
    }

    function watch(layer) {
      layer.setStyle(AREA);
      layer.pm.enable({ allowSelfIntersection: true, snappable: false, preventMarkerRemoval: false });
      layer.on("pm:edit pm:update pm:vertexremoved pm:dragend", keep);
    }

    // What stands in the text field, on the map; what is no GeoJSON stays in the field, and the service says what is wrong.
    function read() {
      drawn.clearLayers();
      if (!field.value.trim()) return judge();
      try {
        L.geoJSON(JSON.parse(field.value)).eachLayer((layer) => {
          if (!(layer instanceof L.Polygon)) return;
          drawn.addLayer(layer);
          watch(layer);
        });
        if (drawn.getLayers().length) fit(map, drawn.getBounds(), 32);
      } catch {
        /* said by the service */
      }
      judge();
    }

    function judge() {
      clearTimeout(timer);
      timer = setTimeout(ask, WAIT);
    }

    async function ask() {
      if (!field.value.trim()) return say("", true);
      const told = new URLSearchParams({ csrf: form.elements.csrf.value, tekening: field.value });
      try {
        const answer = await fetch(result.dataset.proef, { method: "POST", body: told });
        if (!answer.ok) throw new Error(answer.status);
        const { goed, tekst } = await answer.json();
        say(tekst, goed);
      } catch {
        say("Het gebied kon nu niet worden nagekeken. Dat gebeurt opnieuw als u bewaart.", true);
      }
    }

    function say(text, good) {
      result.textContent = text;
      result.classList.toggle("bs-fout", !good);
    }

    // Corners are for the pointer: without one, buurten are chosen from the list, and nobody has to tab along them.
    map.on("layeradd", ({ layer }) => {
      const element = layer instanceof L.Marker && layer.getElement();
      if (!element) return;
      element.removeAttribute("role");
      element.tabIndex = -1;
      element.setAttribute("aria-hidden", "true");
    });
    map.on("pm:create", ({ layer }) => {
      watch(layer);
      keep();
    });
    map.on("pm:drawstart pm:drawend", ({ type }) => {
      button("punt").hidden = type === "pm:drawend";
    });
    button("nieuw").addEventListener("click", begin);
    button("punt").addEventListener("click", () => map.pm.Draw.Polygon._removeLastVertex());
    button("wissen").addEventListener("click", () => {
      map.pm.disableDraw();
      drawn.clearLayers();
      keep();
    });
    button("bestand").addEventListener("change", async ({ target }) => {
      const text = await content(target, say);
      if (text === null) return;
      field.value = text;
      read();
    });
    field.addEventListener("change", read);
    choose(form, map);
    read();
  }

  // A list that is read from a file stands in the text field, where it can be seen and changed before it is sent.
  function readFile(input) {
    input.closest("[hidden]").hidden = false;
    const result = document.querySelector("[data-leesuitslag]");
    input.addEventListener("change", async () => {
      const text = await content(input, (said) => (result.textContent = said));
      if (text !== null) document.getElementById(input.dataset.lees).value = text;
    });
  }

  // The text of the file that was chosen; null, and a sentence, for one that a form cannot carry.
  async function content(input, say) {
    const [file] = input.files;
    input.value = "";
    if (!file) return null;
    if (file.size > LARGEST) {
      const size = `${Math.ceil(file.size / 1000)} kB`;
      say(`${file.name} is te groot: ${size}, en ten hoogste ${LARGEST / 1000} kB past in het formulier.`, false);
      return null;
    }
    say("", true);
    return file.text();
  }

  // Only the kind of area that is chosen is on the screen; what was typed in the other stays.
  function choose(form, map) {
    const parts = [...form.querySelectorAll("[data-gebied]")];
    const apply = () => {
      for (const part of parts) part.hidden = part.dataset.gebied !== form.elements.gebied_soort.value;
      map.invalidateSize({ animate: false });
      if (map.getContainer().offsetWidth) map.fire("bs-getoond");
    };
    form.querySelectorAll("[name=gebied_soort]").forEach((one) => one.addEventListener("change", apply));
    apply();
  }

  function together(shapes) {
    const parts = shapes.flatMap((shape) => (shape.type === "MultiPolygon" ? shape.coordinates : [shape.coordinates]));
    return { type: "MultiPolygon", coordinates: parts };
  }
})();
