import fc from 'fast-check';
import type { ResourceType } from '../../../src/model/resource-type.ts';
import type { ApiFixture } from '../api-fixture.ts';
import { mutated, varied } from './mutation.ts';
import { type JsonSchema, type NamedSchemas, valuesOf } from './schema-arbitrary.ts';

/** The OpenAPI document of a control plane, as far as documents of resources are made from it. */
export interface DocumentSource {
  readonly schemas: NamedSchemas;
  readonly document: unknown;
  /** The example of a type; undefined for types that are read only. */
  exampleOf(type: ResourceType): object | undefined;
}

export async function documentSource(api: ApiFixture): Promise<DocumentSource> {
  const { body: document } = await api.request('GET', '/openapi.json');
  const { components, paths } = Object(document);
  return {
    schemas: components.schemas,
    document,
    exampleOf(type) {
      const path = type.scope === 'Mesh' ? `/meshes/{mesh}/${type.path}/{name}` : `/${type.path}/{name}`;
      return paths[path]?.put?.requestBody.content['application/json'].example;
    },
  };
}

/** Where resources of a type are, in the mesh `default`. */
export function collectionOf(type: ResourceType): string {
  return type.scope === 'Mesh' ? `/meshes/default/${type.path}` : `/${type.path}`;
}

/** The names that documents have: few, so that most are there already. */
const names = fc.constantFrom('a', 'b', 'web-1', 'fuzz.default');

const labels = fc.oneof(
  { arbitrary: fc.constant(undefined), weight: 3 },
  {
    arbitrary: fc.dictionary(
      fc.constantFrom('team', 'app', 'kuma.io/workload', 'kuma.io/effect', 'kuma.io/display-name', 'a/b'),
      fc.constantFrom('payments', 'web', 'shadow', '', 'x'.repeat(63)),
      { maxKeys: 3 },
    ),
    weight: 1,
  },
);

/** Documents of a type: mostly good ones, some with a part of them changed for what does not belong there. */
export function documentsOf(type: ResourceType, source: DocumentSource): fc.Arbitrary<unknown> {
  const schema = source.schemas[type.name] ?? {};
  const example = source.exampleOf(type);
  const made = valuesOf(schema, source.schemas).map((value): object => Object(value));
  const bases =
    example === undefined
      ? made
      : fc.oneof(fc.constant(example), varied(example), made, merged(example, schema, source));
  const documents = fc.record({ base: bases, name: names, own: labels }).map(({ base, name, own }) => ({
    ...base,
    type: type.name,
    ...(type.scope === 'Mesh' && { mesh: 'default' }),
    name,
    ...(own !== undefined && { labels: own }),
  }));
  return mutated(documents);
}

/** The example with some of its members taken from what the schema gives. */
function merged(example: object, schema: JsonSchema, { schemas }: DocumentSource): fc.Arbitrary<object> {
  const place = 'spec' in example ? 'spec' : undefined;
  return fc.record({ value: valuesOf(schema, schemas), keep: fc.nat() }).map(({ value, keep }) => {
    const made: object = place === undefined ? Object(value) : Object(Object(value)[place]);
    const own: object = place === undefined ? example : Object(Reflect.get(example, place));
    const taken = Object.entries(made).filter((_, at) => ((keep >> at) & 1) === 1);
    const both = { ...own, ...Object.fromEntries(taken) };
    return place === undefined ? both : { ...example, [place]: both };
  });
}
