/* Buurtsignaal: the map through time, period by period, by the reader's own hand or by itself. Licence EUPL-1.2. */
(function () {
  "use strict";

  const PAUSE = 900;
  const SOORTEN = { maand: /^\d{4}-\d{2}$/, kwartaal: /^\d{4}-Q[1-4]$/, jaar: /^\d{4}$/ };

  document.querySelectorAll("[data-speler]").forEach(make);

  function make(box) {
    const form = document.querySelector("form[data-vanzelf]");
    const [back, play, forth] = ["terug", "speel", "verder"].map((name) => box.querySelector(`[data-doe=${name}]`));
    const steps = box.querySelector("select");
    const told = box.querySelector("output");
    let timer = 0;
    let playing = false;

    const list = () => document.getElementById("keuze-periode");
    const periods = () =>
      list() ? [...list().options].filter((option) => SOORTEN[steps.value].test(option.value)).sort(byCode) : [];
    const at = () => periods().findIndex((option) => option.value === list().value);

    // The kinds of period that this source has, and the one that is shown.
    function renew() {
      box.hidden = !list();
      if (!list()) return stop();
      const kinds = Object.keys(SOORTEN).filter((kind) => [...list().options].some((o) => SOORTEN[kind].test(o.value)));
      const shown = kinds.find((kind) => SOORTEN[kind].test(list().value));
      const keep = playing || !shown ? steps.value : shown;
      steps.replaceChildren(...kinds.map((kind) => new Option(`per ${kind}`, kind, kind === keep, kind === keep)));
      steps.closest(".bs-veld").hidden = kinds.length < 2;
      tell();
    }

    function tell() {
      const all = periods();
      const now = at();
      told.textContent = now < 0 ? "" : `${all[now].text} (${now + 1} van ${all.length})`;
      back.disabled = playing || now <= 0;
      forth.disabled = playing || now < 0 || now >= all.length - 1;
      play.disabled = all.length < 2;
    }

    function show(option) {
      if (!option) return;
      list().value = option.value;
      form.dataset.speelt = playing ? "ja" : "";
      form.requestSubmit();
    }

    function step() {
      const all = periods();
      const now = at();
      if (now >= all.length - 1) return stop();
      show(all[now + 1]);
    }

    function start() {
      playing = true;
      play.textContent = "Stop";
      live("off");
      tell();
      const all = periods();
      if (at() < 0 || at() >= all.length - 1) show(all[0]);
      else step();
    }

    function stop() {
      clearTimeout(timer);
      if (!playing) return;
      playing = false;
      form.dataset.speelt = "";
      play.textContent = "Speel af";
      live("polite");
      tell();
    }

    // While it plays, reading every title aloud would drown everything else.
    function live(how) {
      document.querySelectorAll("[data-deel=kop]").forEach((part) => part.setAttribute("aria-live", how));
    }

    play.addEventListener("click", () => (playing ? stop() : start()));
    back.addEventListener("click", () => show(periods()[at() - 1]));
    forth.addEventListener("click", () => show(periods()[at() + 1]));
    steps.addEventListener("change", tell);
    box.addEventListener("keydown", (event) => event.key === "Escape" && stop());
    form.addEventListener("change", stop);
    document.addEventListener("bs-storing", stop);
    document.addEventListener("bs-getekend", () => {
      renew();
      if (playing) timer = setTimeout(step, PAUSE);
    });
    renew();
  }

  function byCode(one, other) {
    return one.value < other.value ? -1 : 1;
  }
})();
