/* Buurtsignaal: reports as points, for who works with them. Fetched when the layer is switched on. Licence EUPL-1.2.
   The page has this file, and the address of the points, for authorised viewers only. */
(function () {
  "use strict";

  const LAYER = "meldingen";
  const DAY = 24 * 60 * 60 * 1000;
  const numbers = new Intl.NumberFormat("nl-NL");
  const days = new Intl.DateTimeFormat("nl-NL", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

  document.addEventListener("buurtsignaal:kaart", (event) => {
    const place = document.querySelector("[data-punten]");
    if (!place) return;
    const { map, lagen, namen, control } = event.detail;
    // What it tells belongs beside the map.
    map.getContainer().closest(".bs-kaartvak").after(place);
    const layer = makeLayer(place);
    lagen[LAYER] = layer;
    namen.alle.push(LAYER);
    namen.uit.push(LAYER);
    control.addOverlay(layer, "Meldingen als punten");
    map.on("unload", () => layer.fire("afbreken"));
  });

  function makeLayer(place) {
    const layer = L.markerClusterGroup({
      chunkedLoading: true,
      chunkInterval: 40,
      chunkDelay: 10,
      showCoverageOnHover: false,
      maxClusterRadius: 96,
      animate: false,
      iconCreateFunction: tros,
    });
    const tell = (text) => (place.querySelector("[role=status]").textContent = text);
    let asking = null;
    layer.on("add", async () => {
      if (asking) return;
      asking = new AbortController();
      tell("Meldingen worden geladen…");
      try {
        const found = await ask(place.dataset.punten, asking.signal);
        const points = found.id.map((_, i) => makePoint(found, i));
        layer.addLayers(points);
        tell(sentence(found));
      } catch (fault) {
        if (fault.name === "AbortError") return;
        asking = null;
        tell("De meldingen laden niet. Kies een kortere periode of één onderwerp, of probeer het later opnieuw.");
      }
    });
    layer.on("remove", () => tell(""));
    layer.on("afbreken", () => asking && asking.abort());
    layer.on("click", (event) => open(event.layer));
    layer.on("keypress", (event) => event.originalEvent.key === "Enter" && open(event.layer));
    return layer;
  }

  async function ask(address, signal) {
    const answer = await fetch(address, { headers: { Accept: "application/json" }, signal });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }

  function sentence(found) {
    const n = found.id.length;
    const what = n === 1 ? "1 melding" : `${numbers.format(n)} meldingen`;
    return `${what} uit uw eigen gebied op de kaart, ${found.periode}, bron: ${found.bron}. Alleen voor uw werk.`;
  }

  // Leaflet comes after this file. A point gets its words when it comes on the screen: most of them never do.
  let kind = null;
  function makePoint(found, i) {
    kind ||= {
      icon: L.divIcon({ className: "bs-symbool bs-punt-melding", iconSize: [24, 24] }),
      Punt: L.Marker.extend({
        _initIcon() {
          L.Marker.prototype._initIcon.call(this);
          this._icon.setAttribute("role", "button");
          this._icon.setAttribute("aria-label", `Melding: ${subject(this)}, ${day(this)}`);
          this._icon.setAttribute("aria-haspopup", "dialog");
        },
      }),
    };
    return new kind.Punt([found.lat[i], found.lon[i]], { icon: kind.icon, found, i });
  }

  function subject({ options }) {
    return options.found.onderwerpen[options.found.onderwerp[options.i]];
  }

  function day({ options }) {
    return days.format(new Date(Date.parse(options.found.eerste) + options.found.dag[options.i] * DAY));
  }

  // From its second time on Leaflet opens the card by itself.
  function open(point) {
    if (!point.getPopup()) point.bindPopup(card(point), { maxWidth: 320, minWidth: 220 }).openPopup();
  }

  function card(point) {
    const article = document.createElement("article");
    article.className = "bs-kaartje";
    const add = (name, text, className) => {
      const element = article.appendChild(document.createElement(name));
      element.textContent = text;
      if (className) element.className = className;
    };
    add("p", "Melding", "bs-kaartje-soort");
    add("h2", subject(point));
    add("p", day(point));
    add("p", `Bron: ${point.options.found.bron}. Het punt zegt waar gemeld is, niet wie het deed.`);
    return article;
  }

  function tros(cluster) {
    const count = cluster.getChildCount();
    const size = count < 100 ? 32 : count < 1000 ? 38 : 46;
    const html = document.createElement("div");
    const shown = html.appendChild(document.createElement("span"));
    shown.setAttribute("aria-hidden", "true");
    shown.textContent = count < 10000 ? String(count) : `${Math.floor(count / 1000)}k`;
    const spoken = html.appendChild(document.createElement("span"));
    spoken.className = "bs-onzichtbaar";
    spoken.textContent = `${numbers.format(count)} meldingen bij elkaar, zoom in`;
    return L.divIcon({ html, className: "bs-tros bs-tros-meldingen", iconSize: [size, size] });
  }
})();
