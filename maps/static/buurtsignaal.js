/* Buurtsignaal: keyboard, Dutch names and state in the address, on top of Leaflet. Licence EUPL-1.2.
   Loaded after Leaflet on pages with a map; on other pages only the form part does something. */
window.Buurtsignaal = (function () {
  "use strict";

  const smallScreen = window.matchMedia("(max-width: 48rem)");
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");

  function klein() {
    return smallScreen.matches;
  }

  function kaartopties() {
    return calm.matches ? { zoomAnimation: false, fadeAnimation: false, markerZoomAnimation: false } : {};
  }

  let texts = {};

  function onthoud(all) {
    texts = all;
  }

  let opened = {};

  function koppel(feature, layer) {
    if (!(feature.id in texts)) return whiteEdge(layer);
    const { label, popup } = texts[feature.id];
    opened[feature.id] = layer;
    const text = document.createElement("span");
    text.textContent = label;
    layer.bindTooltip(text, { sticky: typeof layer.setStyle === "function", className: "bs-tooltip", opacity: 1 });
    layer.bindPopup(popup, {
      maxWidth: 320,
      minWidth: 240,
      autoPanPaddingTopLeft: klein() ? [8, 8] : [64, 16],
      autoPanPaddingBottomRight: [8, 16],
    });
    layer.on("add", () => makeReachable(layer, label));
  }

  // Below the dashes of an outline: without it they fade on a dark area.
  function whiteEdge(layer) {
    const { weight, pane, className } = layer.options;
    const edge = L.polygon(layer.getLatLngs(), {
      color: "#fff", weight: weight + 3, fill: false, interactive: false, smoothFactor: 0.5, pane, className: `${className}-rand`,
    });
    layer.on("add", (event) => edge.addTo(event.target._map).bringToBack());
    layer.on("remove", () => edge.remove());
  }

  function markeer(feature, place) {
    const { klasse, opzij } = feature.properties;
    const size = 28;
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "bs-symbool-vorm");
    svg.setAttribute("aria-hidden", "true");
    const use = svg.appendChild(document.createElementNS(svg.namespaceURI, "use"));
    use.setAttribute("href", `#bs-teken-${klasse}`);
    const icon = L.divIcon({
      html: svg,
      className: `bs-symbool bs-markering bs-teken-${feature.id.split("-")[0]}`,
      iconSize: [size, size],
      iconAnchor: opzij.map((steps) => size / 2 - steps * size),
      popupAnchor: [opzij[0] * size, opzij[1] * size - size / 3],
    });
    return L.marker(place, { icon, riseOnHover: true, zIndexOffset: 1000 });
  }

  function makeReachable(layer, label) {
    const element = layer.getElement();
    if (!element) return;
    if (typeof layer.setStyle === "function") element.setAttribute("tabindex", "0");
    element.setAttribute("role", "button");
    element.setAttribute("aria-label", label);
    element.setAttribute("aria-haspopup", "dialog");
    if (element.dataset.bereikbaar) return;
    element.dataset.bereikbaar = "ja";
    element.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      event.stopPropagation();
      layer.closeTooltip();
      layer.openPopup();
    });
  }

  function tros(cluster) {
    const count = cluster.getChildCount();
    const size = count < 10 ? 30 : count < 50 ? 36 : 42;
    const number = document.createElement("span");
    number.setAttribute("aria-hidden", "true");
    number.textContent = String(count);
    const spoken = document.createElement("span");
    spoken.className = "bs-onzichtbaar";
    spoken.textContent = `${count} voorzieningen bij elkaar, zoom in`;
    const html = document.createElement("div");
    html.append(number, spoken);
    return L.divIcon({ html, className: "bs-tros", iconSize: [size, size] });
  }

  // The map that is shown: { map, lagen, namen }; and the places of the one before it, while a new one is made.
  let current = null;
  let kept = {};

  // namen: { alle, uit, hotspots }: names of layers, also of those without anything on this map; plekken: titles of those
  // that do not depend on what was asked. control: the list of layers.
  function start(map, lagen, namen, control) {
    for (const [name, layer] of Object.entries(kept)) {
      lagen[name] = layer;
      control.addOverlay(layer, namen.plekken[name]);
    }
    kept = {};
    current = { map, lagen, namen };
    const container = map.getContainer();
    const description = container.closest("[data-omschrijving]");
    container.setAttribute("role", "region");
    container.setAttribute("aria-label", `Kaart: ${description ? description.dataset.titel : ""}`);
    const home = { center: map.getCenter(), zoom: map.getZoom() };
    L.control.zoom({ position: "topleft", zoomInTitle: "Zoom in", zoomOutTitle: "Zoom uit" }).addTo(map);
    homeButton(map, home);
    L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
    nameLayerControl(container);
    popupFocus(map, container);
    oneTabStopForPoints(map);
    wheelAfterClick(map);
    // Layers that are not for everyone come from files of their own.
    document.dispatchEvent(new CustomEvent("buurtsignaal:kaart", { detail: { ...current, control } }));
    addressState(map, lagen, namen);
    cards(map, lagen);
    container.dataset.klaar = "ja";
  }

  function homeButton(map, home) {
    const control = L.control({ position: "topleft" });
    control.onAdd = () => {
      const bar = L.DomUtil.create("div", "leaflet-bar bs-terug");
      const button = L.DomUtil.create("button", "", bar);
      button.type = "button";
      button.title = "Toon alles";
      button.setAttribute("aria-label", "Toon alles");
      L.DomEvent.disableClickPropagation(bar);
      button.addEventListener("click", () => map.setView(home.center, home.zoom));
      return bar;
    };
    control.addTo(map);
  }

  function nameLayerControl(container) {
    const control = container.querySelector(".leaflet-control-layers");
    const toggle = container.querySelector(".leaflet-control-layers-toggle");
    if (!control || !toggle) return;
    const list = control.querySelector(".leaflet-control-layers-list");
    list.setAttribute("role", "group");
    list.setAttribute("aria-label", "Kaartlagen");
    toggle.title = "Kaartlagen";
    toggle.setAttribute("aria-label", "Kaartlagen kiezen");
    const tell = () =>
      toggle.setAttribute("aria-expanded", String(control.classList.contains("leaflet-control-layers-expanded")));
    new MutationObserver(tell).observe(control, { attributes: true, attributeFilter: ["class"] });
    tell();
  }

  // Hundreds of points would be hundreds of tab stops: one of them has the stop, arrows move it.
  function oneTabStopForPoints(map) {
    const pane = map.getPane("markerPane");
    pane.setAttribute("role", "group");
    pane.setAttribute("aria-label", "Punten op de kaart");
    const points = () => [...pane.querySelectorAll(".leaflet-interactive")];
    const giveStop = (chosen) =>
      points().forEach((point) => {
        const stop = point === chosen ? "0" : "-1";
        if (point.getAttribute("tabindex") !== stop) point.setAttribute("tabindex", stop);
      });
    const repair = () => {
      const all = points();
      giveStop(all.find((point) => point === document.activeElement) || all[0]);
    };
    new MutationObserver(repair).observe(pane, { childList: true });
    repair();
    pane.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      const all = points();
      const at = all.indexOf(document.activeElement);
      if (!step || at < 0) return;
      event.preventDefault();
      event.stopPropagation();
      const next = all[(at + step + all.length) % all.length];
      giveStop(next);
      next.focus();
    });
  }

  function popupFocus(map, container) {
    map.on("popupopen popupclose", (event) => {
      container.classList.toggle("bs-kaart-open", event.type === "popupopen");
    });
    map.on("popupopen", (event) => {
      const popup = event.popup.getElement();
      const heading = popup.querySelector("h2");
      popup.setAttribute("role", "dialog");
      popup.setAttribute("aria-label", heading ? heading.textContent : "Uitleg");
      const close = popup.querySelector(".leaflet-popup-close-button");
      close.setAttribute("aria-label", "Sluiten");
      close.title = "Sluiten";
      const content = popup.querySelector(".leaflet-popup-content");
      content.setAttribute("tabindex", "0");
      content.focus({ preventScroll: true });
    });
    map.on("popupclose", (event) => {
      const popup = event.popup.getElement();
      const source = event.popup._source && event.popup._source.getElement && event.popup._source.getElement();
      const inside = popup && popup.contains(document.activeElement);
      if (source && (inside || document.activeElement === document.body)) source.focus({ preventScroll: true });
    });
    container.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      map.eachLayer((layer) => layer.closeTooltip && layer.closeTooltip());
      map.closePopup();
    });
  }

  // A map that swallows the wheel stops the reader from scrolling past it; a click says that they mean the map.
  function wheelAfterClick(map) {
    map.on("mousedown focus", () => map.scrollWheelZoom.enable());
    map.on("mouseout", () => map.scrollWheelZoom.disable());
  }

  function addressState(map, lagen, namen) {
    const state = new URLSearchParams(location.hash.slice(1));
    const wanted = wantedLayers(state.get("lagen"), namen);
    showLayers(map, lagen, wanted);
    restoreView(map, state.get("kaart"), map.getContainer().closest("[data-begin]"));
    const remember = () => {
      const at = map.getCenter();
      // A layer without anything here stays as it was: the next period may have something.
      const on = namen.alle.filter((name) => (name in lagen ? map.hasLayer(lagen[name]) : wanted.has(name)));
      const view = [map.getZoom(), at.lat.toFixed(4), at.lng.toFixed(4)].join("/");
      history.replaceState(null, "", `#kaart=${view}&lagen=${on.join(",")}`);
    };
    map.on("moveend overlayadd overlayremove", remember);
  }

  // "hotspots" in an address means all of their layers.
  function wantedLayers(text, namen) {
    if (text === null) return new Set(namen.alle.filter((name) => !namen.uit.includes(name)));
    return new Set(text.split(",").flatMap((name) => (name === "hotspots" ? namen.hotspots : [name])));
  }

  function showLayers(map, lagen, wanted) {
    for (const [name, layer] of Object.entries(lagen)) {
      if (wanted.has(name) === map.hasLayer(layer)) continue;
      if (wanted.has(name)) map.addLayer(layer);
      else map.removeLayer(layer);
    }
  }

  // The cards below the map: those of the layers that are on are open, and each leads to its place.
  function cards(map, lagen) {
    const groups = [...document.querySelectorAll("details[data-laag]")].filter((group) => group.dataset.laag in lagen);
    const follow = () => groups.forEach((group) => (group.open = map.hasLayer(lagen[group.dataset.laag])));
    map.on("overlayadd overlayremove", follow);
    follow();
    document.querySelectorAll("a[data-toon]").forEach((link) => {
      link.addEventListener("click", (event) => {
        const layer = opened[link.dataset.toon];
        if (!layer) return;
        event.preventDefault();
        map.addLayer(lagen[link.dataset.toon.split("-")[0]]);
        map.getContainer().scrollIntoView({ block: "center" });
        layer.openPopup();
      });
    });
  }

  // begin: what holds the place to begin at, when that is not everything; the address knows better.
  function restoreView(map, text, begin) {
    if (!text && begin) {
      const [west, south, east, north] = begin.dataset.begin.split(",").map(Number);
      map.fitBounds([[south, west], [north, east]], { animate: false });
      return;
    }
    const [zoom, lat, lon] = (text || "").split("/").map(Number);
    if ([zoom, lat, lon].every(Number.isFinite) && Math.abs(lat) <= 90) map.setView([lat, lon], zoom, { animate: false });
  }

  // Arrow keys in a closed list change its value at every step: who uses keys decides with the button.
  function redrawOnChange(form) {
    let byKeys = false;
    form.classList.add("bs-filter-vanzelf");
    form.addEventListener("keydown", () => (byKeys = true));
    form.addEventListener("pointerdown", () => (byKeys = false));
    form.addEventListener("change", () => byKeys || form.requestSubmit());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const asked = new URLSearchParams(new FormData(form));
      // What was asked of one theme says nothing about another.
      const elsewhere = theme() === asked.get("thema") ? [] : ["bron", "categorie", "kenmerk", "klassen"];
      elsewhere.forEach((name) => asked.delete(name));
      // Another municipality lies elsewhere: its map begins where it lies.
      const address = `${form.getAttribute("action")}?${asked}`;
      const moved = event.target.elements.gemeente && asked.get("gemeente") !== chosen;
      if (moved) location.assign(address);
      else redraw(address + location.hash, true);
    });
    const chosen = new FormData(form).get("gemeente");
    window.addEventListener("popstate", () => {
      // A step within the page changes what is behind the # only.
      if (location.pathname + location.search !== shown) redraw(location.href, false);
    });
  }

  // The theme of the map that is shown, of which there may be none.
  function theme() {
    const drawn = document.querySelector("[data-thema]");
    return drawn && drawn.dataset.thema;
  }

  let asking = null;
  let shown = location.pathname + location.search;

  // The same page with another question, without leaving this one: what differs takes the place of what was there.
  async function redraw(address, push) {
    if (asking) asking.abort();
    asking = new AbortController();
    const main = document.querySelector("main");
    main.setAttribute("aria-busy", "true");
    let arrived = false;
    try {
      const headers = { Accept: "text/html", ...(places().length ? { "Buurtsignaal-Houdt": "plekken" } : {}) };
      const answer = await fetch(address, { headers, signal: asking.signal });
      if (answer.status >= 500 || answer.status === 429) return lost(main, address, push);
      if (!answer.ok) return location.assign(address);
      const text = await answer.text();
      arrived = true;
      const next = new DOMParser().parseFromString(text, "text/html");
      if (push) history.pushState(null, "", address);
      shown = location.pathname + location.search;
      show(next);
      main.removeAttribute("aria-busy");
      document.dispatchEvent(new Event("bs-getekend"));
    } catch (fault) {
      // A newer question took over; without an answer the old map stays; half a new one is for the server to make.
      if (fault.name === "AbortError") return;
      if (arrived) location.assign(address);
      else lost(main, address, push);
    }
  }

  // Whoever listens tells the reader and can ask again; else the browser tells it.
  function lost(main, address, push) {
    main.removeAttribute("aria-busy");
    const told = new CustomEvent("bs-storing", { cancelable: true, detail: () => redraw(address, push) });
    if (document.dispatchEvent(told)) location.assign(address);
  }

  // The layers of places on the map that is shown, as [name, layer].
  function places() {
    return current ? Object.entries(current.lagen).filter(([name]) => name in current.namen.plekken) : [];
  }

  // The lists themselves stay, and with them the place of the reader; another theme has other lists.
  function renewLists(form, next) {
    const fields = [...next.querySelectorAll("form[data-vanzelf] .bs-veld")];
    const wanted = new Set(fields.map((field) => field.querySelector("select").id));
    const own = new Map([...form.querySelectorAll(".bs-veld")].map((field) => [field.querySelector("select").id, field]));
    own.forEach((field, id) => wanted.has(id) || field.remove());
    let place = form.firstElementChild;
    for (const fresh of fields) {
      const list = fresh.querySelector("select");
      const field = own.get(list.id);
      if (!field) {
        form.insertBefore(fresh, place);
        continue;
      }
      const { value } = list;
      const kept = field.querySelector("select");
      kept.replaceChildren(...list.childNodes);
      kept.value = value;
      place = field.nextElementSibling;
    }
  }

  function show(next) {
    kept = Object.fromEntries(places());
    // What leaves the old map is no choice of the reader, and not for the address.
    if (current) current.map.off("moveend overlayadd overlayremove");
    const legend = document.querySelector("[data-blijft=plekken]");
    Object.values(kept).forEach((layer) => layer.remove());
    if (current) current.map.remove();
    current = null;
    texts = {};
    opened = {};
    document.title = next.title;
    for (const part of document.querySelectorAll("[data-deel]")) {
      const fresh = next.querySelector(`[data-deel="${part.dataset.deel}"]`);
      if (fresh) part.replaceChildren(...fresh.childNodes);
    }
    document.querySelectorAll("form[data-vanzelf]").forEach((form) => renewLists(form, next));
    const fresh = document.querySelector("[data-blijft=plekken]");
    if (fresh && Object.keys(kept).length) fresh.replaceWith(legend);
    const nonce = document.querySelector("script[nonce]").nonce;
    for (const old of next.querySelectorAll("script:not([src])")) {
      const script = document.createElement("script");
      script.nonce = nonce;
      script.textContent = old.textContent;
      document.body.append(script);
      script.remove();
    }
    // Without a map there is nothing to keep them on.
    kept = {};
  }

  // What is behind the # never reaches the server by itself.
  function fillAddress(field) {
    field.form.addEventListener("submit", () => (field.value = location.pathname + location.search + location.hash));
  }

  document.querySelectorAll("form[data-vanzelf]").forEach(redrawOnChange);
  document.querySelectorAll("[data-adres=hier]").forEach(fillAddress);

  return { klein, kaartopties, onthoud, koppel, markeer, tros, start, huidige: () => current };
})();
