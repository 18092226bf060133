/* Buurtsignaal: share and keep what is on the screen. Licence EUPL-1.2. Works on pages with and without a map. */
(function () {
  "use strict";

  const map = () => window.Buurtsignaal && Buurtsignaal.huidige() && Buurtsignaal.huidige().map;

  // The question written out, so that it is still the same one tomorrow, with the layers and the place on the map.
  function address(box) {
    const told = box.querySelector("[data-adres]").dataset.adres;
    if (!told) return location.href;
    return location.origin + told + (location.hash.startsWith("#kaart=") ? location.hash : "");
  }

  function say(box, text) {
    box.querySelector("[role=status]").textContent = text;
  }

  async function copyLink(box) {
    const link = address(box);
    const shown = box.querySelector(".bs-bewaren-link");
    const field = shown.querySelector("input");
    field.value = link;
    try {
      await navigator.clipboard.writeText(link);
      shown.hidden = true;
      say(box, "De link is gekopieerd. U kunt hem nu plakken.");
    } catch {
      // An old browser, a page without https or a reader who said no: they copy it themselves.
      shown.hidden = false;
      field.focus();
      field.select();
      say(box, "Kopiëren mag hier niet vanzelf. De link staat klaar: kies kopiëren of druk op Ctrl en C.");
    }
  }

  function load(source) {
    return new Promise((done, failed) => {
      const script = document.createElement("script");
      script.nonce = document.querySelector("script[nonce]").nonce;
      script.src = source;
      script.addEventListener("load", done);
      script.addEventListener("error", failed);
      document.head.append(script);
    });
  }

  async function picture(box, button) {
    if (!map()) return say(box, "Er is hier geen kaart om te bewaren.");
    say(box, "De afbeelding wordt gemaakt.");
    try {
      if (!Buurtsignaal.plaatje) await load(button.dataset.adres);
      const list = box.querySelector("[data-naam]").dataset;
      save(await Buurtsignaal.plaatje(map(), list.bescherming, address(box)), `${list.naam}.png`);
      say(box, "De afbeelding staat bij uw downloads.");
    } catch (fault) {
      say(box, "De afbeelding lukte niet. Probeer het opnieuw, of kies Print of PDF.");
      throw fault;
    }
  }

  function save(blob, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }

  const does = { link: copyLink, plaatje: picture, afdruk: () => window.print() };

  document.querySelectorAll(".bs-bewaren").forEach((box) => {
    box.querySelectorAll("[data-script]").forEach((part) => (part.hidden = false));
    box.addEventListener("click", (event) => {
      const button = event.target.closest("[data-doe]");
      if (button) does[button.dataset.doe](box, button);
    });
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !box.open) return;
      box.open = false;
      box.querySelector("summary").focus();
    });
    box.addEventListener("toggle", () => box.open && say(box, ""));
    document.addEventListener("pointerdown", (event) => box.contains(event.target) || (box.open = false));
  });

  // On paper the map is as wide as the paper, and shows at least what it showed on the screen.
  let before = null;

  window.addEventListener("beforeprint", () => {
    const day = new Date().toLocaleDateString("nl-NL", { day: "numeric", month: "long", year: "numeric" });
    document.querySelectorAll("[data-afdruk]").forEach((line) => {
      const box = document.querySelector(".bs-bewaren");
      line.textContent = `Afgedrukt op ${day} van ${box ? address(box) : location.href}`;
    });
    if (!map() || before) return;
    before = { map: map(), center: map().getCenter(), zoom: map().getZoom(), snap: map().options.zoomSnap };
    const bounds = worthSeeing();
    map().options.zoomSnap = 0;
    resize(map(), true);
    map().fitBounds(bounds, { animate: false, padding: [8, 8] });
  });

  window.addEventListener("afterprint", () => {
    if (!before) return;
    const { map: printed, center, zoom, snap } = before;
    before = null;
    printed.options.zoomSnap = snap;
    if (map() !== printed) return;
    resize(printed, false);
    printed.setView(center, zoom, { animate: false });
  });

  // All areas when they are all in sight, without the room around them; else the part that the reader chose.
  function worthSeeing() {
    const areas = Buurtsignaal.huidige().lagen.gebieden;
    const seen = map().getBounds();
    const all = areas && areas.getBounds && areas.getBounds();
    return all && all.isValid() && seen.contains(all) ? all : seen;
  }

  function resize(shown, paper) {
    shown.getContainer().classList.toggle("bs-kaart-afdruk", paper);
    shown.invalidateSize({ animate: false, pan: false });
  }
})();
