/* Buurtsignaal: a guided first visit of the map in four steps, and what the page says when the connection is lost.
   Licence EUPL-1.2. */
(function () {
  "use strict";

  const SEEN = "bs-rondleiding";
  const STEPS = [
    ["Kies wat u wilt zien", ".bs-filter", "Bovenaan kiest u gebieden, periode, bron en onderwerp. De kaart verandert meteen mee."],
    ["Lees de kaart", ".bs-kaartvak", "Een donkere kleur betekent meer meldingen per 1.000. Klik op een gebied voor het cijfer erachter. Met het toetsenbord: Tab en Enter."],
    ["Geen kleur is geen nul", ".bs-legendakolom", "Streepjes, stippen en wit hebben een betekenis: verborgen om privacy, onzeker, of niet gedekt. De legenda legt het uit."],
    ["Controleer en deel", "#tabel", "Onder de kaart staan dezelfde cijfers in een tabel. Kies een getal en u leest hoe het tot stand komt. Met Bewaren en delen neemt u de kaart mee."],
  ];

  const box = document.querySelector(".bs-rondleiding");
  const opener = document.querySelector("[data-rondleiding]");
  if (box && opener) visit();
  const alarm = document.querySelector(".bs-storing");
  if (alarm) connection();

  function visit() {
    const heading = box.querySelector("h2");
    const buttons = Object.fromEntries([...box.querySelectorAll("[data-stap]")].map((one) => [one.dataset.stap, one]));
    let at = 0;

    function mark(place) {
      document.querySelectorAll(".bs-rondleiding-doel").forEach((old) => old.classList.remove("bs-rondleiding-doel"));
      const target = place && document.querySelector(place);
      if (target) target.classList.add("bs-rondleiding-doel");
      return target;
    }

    function show(step, scroll) {
      at = step;
      const [title, place, text] = STEPS[step];
      box.querySelector("[data-tel]").textContent = `Stap ${step + 1} van ${STEPS.length}`;
      heading.textContent = title;
      box.querySelector("[data-tekst]").textContent = text;
      buttons.terug.hidden = step === 0;
      buttons.verder.textContent = step === STEPS.length - 1 ? "Klaar" : "Verder";
      buttons.dicht.hidden = step === STEPS.length - 1;
      const target = mark(place);
      if (target && scroll) target.scrollIntoView({ block: "start" });
    }

    function close() {
      const inside = box.contains(document.activeElement);
      box.close();
      mark(null);
      remember();
      if (inside) opener.focus();
    }

    const steps = { terug: () => show(at - 1, true), dicht: close };
    steps.verder = () => (at === STEPS.length - 1 ? close() : show(at + 1, true));

    box.addEventListener("click", (event) => {
      const button = event.target.closest("[data-stap]");
      if (!button) return;
      steps[button.dataset.stap]();
      // The button that was pressed may be gone: the reader goes on at the heading of the new step.
      if (box.open) heading.focus();
    });
    document.addEventListener("keydown", (event) => {
      // In the map and in a list this key closes something of theirs.
      if (event.key === "Escape" && box.open && !event.target.closest(".leaflet-container, .bs-bewaren, select")) close();
    });
    opener.hidden = false;
    opener.addEventListener("click", () => {
      box.open = true;
      show(0, true);
      heading.focus();
    });
    // Who follows a link to a place on the map came for that place.
    if (!location.hash && !seen()) {
      // Unlike show(), this leaves the reader where they are.
      box.open = true;
      show(0, false);
    }
  }

  // A browser may refuse to remember: then nobody is bothered.
  function seen() {
    try {
      return localStorage.getItem(SEEN) !== null;
    } catch {
      return true;
    }
  }

  function remember() {
    try {
      localStorage.setItem(SEEN, "gezien");
    } catch {
      // Nothing to remember it in.
    }
  }

  function connection() {
    let again = null;
    document.addEventListener("bs-storing", (event) => {
      event.preventDefault();
      again = event.detail;
      alarm.hidden = false;
      alarm.scrollIntoView({ block: "nearest" });
    });
    document.addEventListener("bs-getekend", () => (alarm.hidden = true));
    alarm.querySelector("button").addEventListener("click", () => {
      alarm.hidden = true;
      document.querySelector(".bs-filter").elements.namedItem("niveau").focus();
      again();
    });
  }
})();
