// Makes nlds/: of Utrecht CSS the rules that our templates use, of the Voorbeeld tokens those that our style sheets use.
import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const PACKAGES = [
  "@utrecht/alert-css/",
  "@utrecht/button-css/",
  "@utrecht/form-label-css/",
  "@utrecht/heading-1-css/",
  "@utrecht/heading-2-css/",
  "@utrecht/paragraph-css/",
  "@utrecht/select-css/",
  "@utrecht/skip-link-css/",
  "@utrecht/table-css/",
  "@utrecht/textarea-css/",
  "@utrecht/textbox-css/",
];
const TOKENS = "@nl-design-system-unstable/voorbeeld-design-tokens/";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const modules = (path) => here(`../../node_modules/${path}`);
const read = (path) => readFileSync(path, "utf8");
const files = (folder, ending) =>
  readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith(ending) && !name.startsWith("nlds/"))
    .sort()
    .map((name) => read(`${folder}/${name}`));
const within = (text, start) => {
  let depth = 0;
  for (let i = start; i < text.length; i += 1) {
    if (text[i] === "{") depth += 1;
    if (text[i] === "}" && (depth -= 1) === 0) return i;
  }
  throw new Error("A block does not end");
};
// Commas between brackets belong to one selector.
const selectors = (head) => head.split(/,(?![^(]*\))/).map((part) => part.trim());

function pick(text, used) {
  const kept = [];
  for (let at = 0; ; ) {
    const open = text.indexOf("{", at);
    if (open < 0) return kept.join("\n");
    const end = within(text, open);
    const head = text.slice(at, open).trim();
    const body = text.slice(open + 1, end);
    at = end + 1;
    if (head.startsWith("@")) {
      const inner = pick(body, used);
      if (inner) kept.push(`${head} {\n${inner}\n}`);
      continue;
    }
    const names = (selector) => [...selector.matchAll(/\.(utrecht-[\w-]+)/g)].map((match) => match[1]);
    // An empty field that must be filled is no mistake yet.
    const wanted = selectors(head).filter((selector) => !selector.includes(":invalid")).filter((selector) => names(selector.replace(/:not\([^)]*\)/g, "")).every((name) => used.has(name)));
    const lines = body.trim().replace(/\s*\n\s*/g, "\n  ");
    if (wanted.length && lines) kept.push(`${wanted.join(",\n")} {\n  ${lines}\n}`);
  }
}

export function make() {
  mkdirSync(here("nlds"), { recursive: true });
  const templates = [...files(here("../sjablonen"), ".html"), ...files(here("../../geo_service/pages/templates"), ".html")];
  const used = new Set(templates.flatMap((text) => [...text.matchAll(/utrecht-[a-z0-9_-]+/g)].map((match) => match[0])));
  const rules = PACKAGES.map((name) => pick(read(modules(`${name}dist/index.css`)).replace(/\/\*[^]*?\*\//g, ""), used));
  const utrecht = `/* Taken over from the @utrecht/*-css packages (HERKOMST.md), EUPL-1.2, see LICENSE-utrecht.md.
   Copyright (c) 2020-2025 Frameless B.V., (c) 2021-2025 Gemeente Utrecht. Only what the templates use. */
${rules.filter(Boolean).join("\n")}
`;
  writeFileSync(here("nlds/utrecht.css"), utrecht);

  const theme = read(modules(`${TOKENS}dist/theme.css`)).replace(/\/\*[^]*?\*\//g, "");
  const all = new Map([...theme.matchAll(/(--[\w-]+):\s*([^;]+);/g)].map((match) => [match[1], match[2].trim()]));
  const asks = (text) => [...text.matchAll(/var\(\s*(--[\w-]+)/g)].map((match) => match[1]);
  const wanted = new Set();
  const queue = asks([utrecht, ...files(here("."), ".css")].join("\n"));
  for (let name = queue.pop(); name; name = queue.pop()) {
    if (wanted.has(name) || !all.has(name)) continue;
    wanted.add(name);
    queue.push(...asks(all.get(name)));
  }
  const lines = [...all].filter(([name]) => wanted.has(name)).map(([name, value]) => `  ${name}: ${value};`);
  const head = "/* Taken over from the Voorbeeld design tokens (HERKOMST.md), EUPL-1.2, see LICENSE-voorbeeld.md.\n   Copyright (c) 2021 NL Design System Community. Only the tokens that our style sheets use. */";
  writeFileSync(here("nlds/voorbeeld.css"), `${head}\n.voorbeeld-theme {\n${lines.join("\n")}\n}\n`);
  cpSync(modules(`${PACKAGES[0]}LICENSE.md`), here("nlds/LICENSE-utrecht.md"));
  cpSync(modules(`${TOKENS}LICENSE.md`), here("nlds/LICENSE-voorbeeld.md"));
}
