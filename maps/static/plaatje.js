/* Buurtsignaal: the map on the screen as a picture with title, legend and source. Licence EUPL-1.2.
   Everything is drawn by hand from what the page shows: an image of an SVG would need a wider policy. */
Buurtsignaal.plaatje = (function () {
  "use strict";

  const SCALE = 2;
  const REPORTS = ".bs-punt-melding, .bs-tros-meldingen";
  const EDGE = 28;
  const LEGEND = 330;
  const LETTER = '"Source Sans 3", "Segoe UI", sans-serif';

  // Shapes of SVG elements, in their own coordinates.
  function outline(element) {
    const number = (name) => Number(element.getAttribute(name)) || 0;
    const shape = new Path2D();
    if (element.tagName === "path") return new Path2D(element.getAttribute("d") || "");
    if (element.tagName === "circle") shape.arc(number("cx"), number("cy"), number("r"), 0, 2 * Math.PI);
    if (element.tagName === "rect") {
      shape.roundRect(number("x"), number("y"), number("width"), number("height"), number("rx"));
    }
    if (element.tagName === "polyline") {
      const points = element.getAttribute("points").trim().split(/[\s,]+/).map(Number);
      for (let at = 0; at < points.length; at += 2) shape.lineTo(points[at], points[at + 1]);
    }
    return shape;
  }

  function paint(pen, text, color) {
    const name = /url\(["']?#([^"')]+)/.exec(text || "");
    if (name) return tile(pen, document.getElementById(name[1]));
    return !text || text === "none" || text === "currentColor" || text === "currentcolor" ? color(text) : text;
  }

  function tile(pen, pattern) {
    const size = pattern.width.baseVal.value * SCALE;
    const small = new OffscreenCanvas(size, pattern.height.baseVal.value * SCALE);
    const own = small.getContext("2d");
    own.scale(SCALE, SCALE);
    for (const part of pattern.children) {
      own.fillStyle = part.getAttribute("fill");
      own.fill(outline(part));
    }
    const made = pen.createPattern(small, "repeat");
    const turned = pattern.patternTransform.baseVal.consolidate();
    const { a, b, c, d, e, f } = turned ? turned.matrix : new DOMMatrix();
    made.setTransform(new DOMMatrix([a, b, c, d, e, f]).scale(1 / SCALE));
    return made;
  }

  // One shape with its fill and line; style: where these are told when the element itself does not.
  function draw(pen, element, style, current) {
    const shape = outline(element);
    const told = (name) => element.getAttribute(name) || style.getPropertyValue(name);
    const color = (text) => (/current/i.test(text || "") ? current : null);
    pen.save();
    pen.lineWidth = parseFloat(told("stroke-width")) || 1;
    pen.lineCap = told("stroke-linecap") || "butt";
    pen.lineJoin = told("stroke-linejoin") || "miter";
    const dash = told("stroke-dasharray");
    pen.setLineDash(dash && dash !== "none" ? dash.split(/[\s,]+/).map(parseFloat) : []);
    const fill = paint(pen, told("fill"), color);
    const line = paint(pen, told("stroke"), color);
    const clear = (name) => (told(name) === "" ? 1 : Number(told(name)));
    pen.globalAlpha = clear("fill-opacity");
    if (fill) pen.fillStyle = fill;
    if (fill) pen.fill(shape, "evenodd");
    pen.globalAlpha = clear("stroke-opacity");
    if (line) pen.strokeStyle = line;
    if (line) pen.stroke(shape);
    pen.restore();
  }

  function symbol(pen, name, current, place) {
    const found = document.querySelector(name);
    const box = found.viewBox.baseVal;
    pen.save();
    pen.translate(place.x, place.y);
    pen.scale(place.width / box.width, place.height / box.height);
    drawAll(pen, found, current, "");
    pen.restore();
  }

  // A group hands its fill down to what is in it.
  function drawAll(pen, group, current, inherited) {
    for (const part of group.children) {
      const own = part.getAttribute("fill") || inherited;
      if (part.tagName === "g") drawAll(pen, part, current, own);
      else draw(pen, part, { getPropertyValue: (name) => (name === "fill" ? own || "#000" : "") }, current);
    }
  }

  function loaded(source) {
    return new Promise((done, failed) => {
      const image = new Image();
      image.addEventListener("load", () => done(image));
      image.addEventListener("error", failed);
      image.src = source;
    });
  }

  // What is no SVG on the map or in the legend: a picture behind it, or a disc with an edge and perhaps a number.
  async function mark(pen, element, place) {
    const style = getComputedStyle(element);
    const source = /url\(["']?([^"')]+)/.exec(style.backgroundImage);
    if (source) return pen.drawImage(await loaded(source[1]), place.x, place.y, place.width, place.height);
    const edge = parseFloat(style.borderTopWidth) || 0;
    const half = Math.min(place.width, place.height) / 2;
    if (/0\)$/.test(style.backgroundColor) && !edge) return null;
    const disc = new Path2D();
    disc.arc(place.x + place.width / 2, place.y + place.height / 2, half - edge / 2, 0, 2 * Math.PI);
    pen.fillStyle = style.backgroundColor;
    pen.fill(disc);
    stroke(pen, disc, style.borderTopColor, edge);
    const ring = /^(rgb[^)]*\)) 0px 0px 0px (\d+)px/.exec(style.boxShadow);
    if (!ring) return null;
    const around = new Path2D();
    around.arc(place.x + place.width / 2, place.y + place.height / 2, half + ring[2] / 2, 0, 2 * Math.PI);
    return stroke(pen, around, ring[1], Number(ring[2]));
  }

  function stroke(pen, shape, color, width) {
    pen.strokeStyle = color;
    pen.lineWidth = width;
    if (width) pen.stroke(shape);
    return null;
  }

  async function drawMap(pen, map, at) {
    const container = map.getContainer();
    const zero = container.getBoundingClientRect();
    pen.save();
    pen.beginPath();
    pen.rect(at.x, at.y, at.width, at.height);
    pen.fillStyle = getComputedStyle(container).backgroundColor;
    pen.fill();
    pen.clip();
    const base = pen.getTransform().translate(at.x - zero.x, at.y - zero.y);
    const level = (pane) => Number(getComputedStyle(pane).zIndex) || 0;
    const panes = Object.values(map.getPanes()).filter((pane) => pane !== map.getPane("mapPane"));
    for (const pane of panes.sort((a, b) => level(a) - level(b))) {
      if (pane === map.getPane("popupPane") || pane === map.getPane("tooltipPane")) continue;
      for (const path of pane.querySelectorAll(":scope > svg path")) {
        const { a, b, c, d, e, f } = path.getScreenCTM();
        pen.setTransform(base.multiply(new DOMMatrix([a, b, c, d, e, f])));
        draw(pen, path, getComputedStyle(path), "#000");
      }
      pen.setTransform(base);
      for (const sheet of pane.querySelectorAll(":scope > canvas")) {
        const { x, y, width, height } = sheet.getBoundingClientRect();
        pen.drawImage(sheet, x, y, width, height);
      }
      // Single reports are for the work at this screen: they go into no file.
      const markers = [...pane.querySelectorAll(`:scope > .leaflet-marker-icon:not(${REPORTS})`)];
      for (const marker of markers.sort((a, b) => level(a) - level(b))) await drawMarker(pen, marker);
    }
    pen.restore();
    pen.strokeStyle = "#9aa8b0";
    pen.lineWidth = 1;
    pen.strokeRect(at.x + 0.5, at.y + 0.5, at.width - 1, at.height - 1);
  }

  async function drawMarker(pen, marker) {
    const use = marker.querySelector("use");
    const shape = marker.querySelector(".bs-symbool-vorm") || marker;
    const place = shape.getBoundingClientRect();
    if (use) return symbol(pen, use.getAttribute("href"), getComputedStyle(use).color, place);
    await mark(pen, shape, place);
    const number = marker.querySelector("[aria-hidden]:not(svg)");
    if (!number || !number.textContent) return null;
    pen.font = `700 15px ${LETTER}`;
    pen.fillStyle = getComputedStyle(marker).color;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillText(number.textContent, place.x + place.width / 2, place.y + place.height / 2 + 1);
    pen.textAlign = "left";
    pen.textBaseline = "alphabetic";
    return null;
  }

  // A pen for lines of text that knows how far down it is; without ink it only measures.
  function writer(pen, left, top, width, ink) {
    const self = { y: top };
    self.text = (words, size, weight = 400, color = "#15252d", indent = 0) => {
      pen.font = `${weight} ${size}px ${LETTER}`;
      pen.fillStyle = color;
      // An address has no spaces; it may end after one of its marks.
      const short = (word) => (pen.measureText(word).width > width - indent ? word.split(/(?<=[&?/=])/) : [word]);
      let line = "";
      const put = () => {
        self.y += size * 1.32;
        if (ink) pen.fillText(line, left + indent, self.y - size * 0.3);
      };
      for (const word of words.trim().split(/\s+/).flatMap(short)) {
        const longer = line && !/[&?/=]$/.test(line) ? `${line} ${word}` : line + word;
        if (line && pen.measureText(longer).width > width - indent) {
          put();
          line = word;
        } else line = longer;
      }
      put();
      return self;
    };
    return self;
  }

  const own = (element) => [...element.childNodes].map((node) => (node.nodeType === 3 ? node.data : "")).join(" ");

  // The parts of the legend but those of layers that are off, and headings of nothing.
  function legendParts() {
    const { map, lagen } = Buurtsignaal.huidige();
    const parts = [...document.querySelectorAll(".bs-legenda h3, .bs-legenda-lijst > li, .bs-vierkant")];
    const on = parts.filter(({ dataset: { laagNaam: name } }) => !name || (lagen[name] && map.hasLayer(lagen[name])));
    return on.filter((part, at) => part.tagName !== "H3" || (on[at + 1] && on[at + 1].tagName !== "H3"));
  }

  async function drawLegend(pen, left, top, width, ink) {
    const lines = writer(pen, left, top, width, ink);
    for (const part of legendParts()) {
      if (part.tagName === "H3") {
        lines.y += 10;
        lines.text(part.textContent, 14, 650, "#4a5a64");
        lines.y += 3;
        continue;
      }
      if (part.tagName === "TABLE") {
        drawSquare(pen, part, lines, left, ink);
        continue;
      }
      const begin = lines.y;
      const words = part.querySelector(".bs-legenda-tekst");
      const count = part.querySelector(".bs-legenda-n").textContent.trim();
      lines.text(`${own(words)} (${count})`, 15, 450, "#15252d", 46);
      const swatch = part.firstElementChild;
      if (ink && swatch.tagName === "svg") drawSwatch(pen, swatch, left, begin);
      else if (ink) await mark(pen, swatch, { x: left + 6, y: begin, width: 22, height: 22 });
      lines.y = Math.max(lines.y, begin + (swatch.querySelector("use") ? 34 : 24)) + 4;
    }
    return lines.y;
  }

  // The legend of two figures at once: a column per group of the one, a row per group of the other.
  function drawSquare(pen, table, lines, left, ink) {
    const [first, step, height] = [104, 76, 42];
    const put = (text, x, y) => ink && pen.fillText(text.trim(), x, y);
    lines.text(table.caption.textContent, 14, 450);
    pen.font = `450 13px ${LETTER}`;
    [...table.tHead.rows[0].cells].forEach((cell, at) => {
      // The words stand below each other.
      const x = left + first + (at - 1) * step;
      cell.textContent.trim().split(/\s+/).forEach((word, line) => put(word, x, lines.y + 14 + line * 15));
    });
    lines.y += 38;
    for (const row of table.tBodies[0].rows) {
      row.cells[0].textContent.trim().split(/\s+/).forEach((word, line) => put(word, left, lines.y + 12 + line * 15));
      [...row.cells].slice(1).forEach((cell, at) => {
        if (ink) drawSwatch(pen, cell.querySelector("svg"), left + first + at * step, lines.y);
        pen.font = `450 13px ${LETTER}`;
        pen.fillStyle = "#4a5a64";
        put(own(cell.querySelector("span")), left + first + at * step + 40, lines.y + 18);
      });
      pen.fillStyle = "#15252d";
      lines.y += height;
    }
  }

  function drawSwatch(pen, swatch, x, y) {
    pen.save();
    pen.translate(x, y);
    const color = getComputedStyle(swatch).color;
    for (const part of swatch.children) {
      const number = (name) => Number(part.getAttribute(name));
      const place = { x: number("x"), y: number("y"), width: number("width"), height: number("height") };
      if (part.tagName === "use") symbol(pen, part.getAttribute("href"), color, place);
      else draw(pen, part, getComputedStyle(part), color);
    }
    pen.restore();
  }

  function heading(lines) {
    lines.text(document.querySelector("h1").textContent, 27, 650);
    // Its own words, without the links beside them.
    lines.text(own(document.querySelector("[data-deel=kop] p")), 16, 400, "#4a5a64");
  }

  // Source and period stand in the sentence under the title; the rest of what goes along with figures stands here.
  function foot(lines, rule, link) {
    const day = new Date().toLocaleDateString("nl-NL", { day: "numeric", month: "long", year: "numeric" });
    const told = [...document.querySelectorAll("[data-deel=herkomst] li")].map((line) => line.textContent.trim());
    const rough = document.querySelector(".bs-benaderd");
    lines.text(`${told.join("; ")}.`, 13, 400, "#4a5a64");
    lines.text(`${rule} Een gebied zonder kleur is geen nul.${rough ? ` ${rough.textContent.trim()}.` : ""}`, 13, 600, "#15252d");
    for (const note of document.querySelectorAll(".bs-toelichting-trendbreuk, .bs-toelichting-let_op")) {
      lines.text(`${note.firstElementChild.textContent}: ${note.lastElementChild.textContent}`, 13, 400, "#4a5a64");
    }
    lines.text(`Buurtsignaal, ${day}. ${decodeURI(link)}`, 12, 400, "#4a5a64");
  }

  // map: of Leaflet; rule: what is withheld, in words; link: where this can be seen. Gives a PNG.
  return async function (map, rule, link) {
    await document.fonts.ready;
    const { width: seen, height } = map.getContainer().getBoundingClientRect();
    const beside = seen >= 560;
    const width = EDGE * 2 + seen + (beside ? EDGE + LEGEND : 0);
    const sheet = document.createElement("canvas");
    const pen = sheet.getContext("2d");
    const inner = width - 2 * EDGE;
    const head = writer(pen, EDGE, EDGE, inner, false);
    heading(head);
    const top = head.y + 14;
    const legendTop = beside ? top - 10 : top + height + 6;
    const legendLeft = beside ? EDGE * 2 + seen : EDGE;
    const legendWidth = beside ? LEGEND : inner;
    const legendEnd = await drawLegend(pen, legendLeft, legendTop, legendWidth, false);
    const footTop = Math.max(top + height, legendEnd) + 14;
    const end = writer(pen, EDGE, footTop, inner, false);
    foot(end, rule, link);
    sheet.width = Math.round(width * SCALE);
    sheet.height = Math.round((end.y + EDGE) * SCALE);
    pen.scale(SCALE, SCALE);
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, width, end.y + EDGE);
    heading(writer(pen, EDGE, EDGE, inner, true));
    await drawMap(pen, map, { x: EDGE, y: top, width: seen, height });
    await drawLegend(pen, legendLeft, legendTop, legendWidth, true);
    foot(writer(pen, EDGE, footTop, inner, true), rule, link);
    return new Promise((done) => sheet.toBlob(done, "image/png"));
  };
})();
