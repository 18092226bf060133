// Every part of a path is kebab-case or a parameter between braces, unless a standard names it (name -> reason).
const KEBAB = /^[a-z\d]+(-[a-z\d]+)*(\.[a-z]+)?$/;
const PARAMETER = /^\{[A-Za-z\d]+\}$/;

export default function pathSegments(path, options) {
  const wrong = path
    .split("/")
    .filter((part) => part !== "" && !KEBAB.test(part) && !PARAMETER.test(part) && !(part in options.exceptions));
  return wrong.map((part) => ({ message: `Het deel ${part} van pad ${path} is geen kebab-case.` }));
}
