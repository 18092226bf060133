// A query parameter is camelCase, unless a standard names it (exceptions: name -> reason) or it is the name of a
// property in one of the schemas (properties: true).
const CAMEL = /^[a-z][a-z\d]*([A-Z][a-z\d]*)*$/;

const propertyNames = new WeakMap();

function propertiesOf(document) {
  if (!propertyNames.has(document)) {
    const found = new Set();
    const visit = (schema) => {
      if (schema === null || typeof schema !== "object") return;
      for (const name of Object.keys(schema.properties ?? {})) found.add(name);
      Object.values(schema.properties ?? {}).forEach(visit);
    };
    Object.values(document.components?.schemas ?? {}).forEach(visit);
    propertyNames.set(document, found);
  }
  return propertyNames.get(document);
}

export default function queryName(name, options, context) {
  if (CAMEL.test(name) || name in (options.exceptions ?? {})) return undefined;
  if (options.properties && propertiesOf(context.document.data).has(name)) return undefined;
  return [{ message: `De parameter ${name} is geen camelCase, geen naam uit een norm en geen veld.` }];
}
