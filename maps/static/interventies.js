/* Buurtsignaal: the layer of interventions, drawn from the cards below the map. Licence EUPL-1.2.
   The page has this file and the cards for the staff of the area only. */
(function () {
  "use strict";

  const LAYER = "interventies";
  const COLOUR = "#14532d";

  document.addEventListener("buurtsignaal:kaart", (event) => {
    const cards = [...document.querySelectorAll("[data-interventie]")];
    if (!cards.length) return;
    const { map, lagen, namen, control } = event.detail;
    const layer = L.layerGroup();
    for (const card of cards) {
      const { omtrek, midden } = JSON.parse(card.dataset.interventie);
      layer.addLayer(outline(omtrek, { color: "#fff", weight: 8 }));
      layer.addLayer(outline(omtrek, { color: COLOUR, weight: 4, dashArray: "12 4 2 4" }));
      const sign = marker(midden, card);
      layer.addLayer(sign);
      const button = card.querySelector("button");
      button.hidden = false;
      button.addEventListener("click", () => {
        map.addLayer(layer);
        map.getContainer().scrollIntoView({ block: "center" });
        sign.openPopup();
      });
    }
    lagen[LAYER] = layer;
    namen.alle.push(LAYER);
    namen.uit.push(LAYER);
    control.addOverlay(layer, "Interventies");
  });

  // Only an edge, and deaf: a click goes to the area below it.
  function outline(shape, style) {
    return L.geoJSON(shape, { style: { ...style, fill: false }, interactive: false, pane: "bs-hotspots" });
  }

  function marker([lon, lat], card) {
    const icon = L.divIcon({ className: "bs-symbool bs-teken-interventie", iconSize: [28, 28], popupAnchor: [0, -12] });
    const sign = L.marker([lat, lon], { icon, riseOnHover: true, zIndexOffset: 900 });
    const content = document.createElement("article");
    content.className = "bs-kaartje";
    content.append(...[...card.children].filter((part) => !part.matches("button, p:has(button)")).map((part) => part.cloneNode(true)));
    content.querySelectorAll("h3").forEach((old) => {
      const heading = document.createElement("h2");
      heading.textContent = old.textContent;
      old.replaceWith(heading);
    });
    sign.bindPopup(content, { maxWidth: 320, minWidth: 240 });
    sign.on("add", () => {
      const element = sign.getElement();
      element.setAttribute("role", "button");
      element.setAttribute("aria-haspopup", "dialog");
      element.setAttribute("aria-label", `Interventie: ${card.querySelector("h3").textContent}`);
    });
    return sign;
  }
})();
