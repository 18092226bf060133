/* Buurtsignaal: what a card on the map offers, is chosen in the form. Licence EUPL-1.2.
   Without this file the lists of the form do the same. */
(function () {
  "use strict";

  const form = document.querySelector("form[data-vanzelf]");
  let byPointer = false;
  let clicked = null;

  document.addEventListener("keydown", () => (byPointer = false), true);
  document.addEventListener("pointerdown", () => (byPointer = true), true);

  document.addEventListener("buurtsignaal:kaart", (event) => {
    const { map } = event.detail;
    map.on("popupopen", ({ popup }) => (clicked = byPointer ? popup.getLatLng() : null));
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-kies]");
    if (!button || !form) return;
    const list = form.elements[button.dataset.kies];
    let value = button.dataset.waarde;
    // A place is put where the map was clicked; who uses keys puts it in the middle of the buurt.
    if (button.dataset.kies === "erbij" && clicked) {
      value = `${clicked.lat.toFixed(5)},${clicked.lng.toFixed(5)}`;
      list.add(new Option("Uw punt op de kaart", value));
    }
    list.value = value;
    form.requestSubmit();
  });
})();
