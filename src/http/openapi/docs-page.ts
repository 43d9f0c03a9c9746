import type { OpenApiDocument } from './document.ts';
import type { JsonSchema } from './operation.ts';
import { tags } from './operation.ts';

const style = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1c2330; background: #fff }
@media (prefers-color-scheme: dark) { body { color: #dfe5ee; background: #12161d } a { color: #8fb8ff } code, pre { background: #1d2430 } }
code, pre { background: #f0f2f6; border-radius: 4px; padding: .1em .3em; font-size: .9em }
pre { padding: .8em; overflow: auto; max-height: 24rem }
summary { cursor: pointer; padding: .25rem 0 }
.method { display: inline-block; width: 4.5em; font-weight: 600 }
table { border-collapse: collapse } td { padding: .1rem .8rem .1rem 0; vertical-align: top }
details > *:not(summary) { margin-left: 1.2rem }`;

function escaped(value: unknown): string {
  return String(value ?? '').replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}

function objects(value: unknown): readonly JsonSchema[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'object' && each !== null) : [];
}

function rows(pairs: readonly (readonly [string, string])[]): string {
  return pairs.length === 0
    ? ''
    : `<table>${pairs.map(([name, words]) => `<tr><td><code>${escaped(name)}</code></td><td>${escaped(words)}</td></tr>`).join('')}</table>`;
}

function operationHtml(method: string, path: string, operation: JsonSchema): string {
  const parameters = objects(operation.parameters).flatMap((each): [string, string][] =>
    each.in === 'query' ? [[String(each.name), String(each.description ?? '')]] : [],
  );
  const answers = Object.entries(Object(operation.responses)).flatMap(
    ([status, each]): [string, string][] => {
      const description: unknown = Object(each).description;
      return description === undefined ? [] : [[status, String(description)]];
    },
  );
  const body: unknown = Object(operation.requestBody).content;
  const schema: unknown = Object(Object(body)['application/json']).schema;
  return `<details><summary><span class="method">${escaped(method.toUpperCase())}</span><code>${escaped(path)}</code> ${escaped(operation.summary)}</summary>
${operation.description === undefined ? '' : `<p>${escaped(operation.description)}</p>`}
${rows(parameters)}${rows(answers)}
${schema === undefined ? '' : `<p>Body:</p><pre>${escaped(schemaText(schema))}</pre>`}
</details>`;
}

/** A reference by the name of its schema, which stands below. */
function schemaText(schema: unknown): string {
  const reference: unknown = Object(schema).$ref;
  return typeof reference === 'string'
    ? (reference.split('/').at(-1) ?? '')
    : JSON.stringify(schema, null, 2);
}

/** The document as one page that needs nothing else: no script, nothing from elsewhere. */
export function docsPage(document: OpenApiDocument): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const chapters = Object.entries(tags).map(([tag, description]) => {
    const own = operations.filter(({ operation }) =>
      objects([operation]).some((each) => isTagged(each, tag)),
    );
    return `<h2>${escaped(tag)}</h2><p>${escaped(description)}</p>${own
      .map(({ method, path, operation }) => operationHtml(method, path, operation))
      .join('')}`;
  });
  const schemas = Object.entries(Object(Object(document.components).schemas)).map(
    ([name, schema]) =>
      `<details id="${escaped(name)}"><summary><code>${escaped(name)}</code></summary><pre>${escaped(JSON.stringify(schema, null, 2))}</pre></details>`,
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Kumulus API</title><style>${style}</style></head><body>
<h1>Kumulus API</h1><p>Kuma's REST API for one tenant. For programs: <a href="openapi.json">openapi.json</a>.</p>
${chapters.join('')}<h2>schemas</h2>${schemas.join('')}</body></html>`;
}

function isTagged({ tags: of }: JsonSchema, tag: string): boolean {
  return Array.isArray(of) && of.includes(tag);
}
