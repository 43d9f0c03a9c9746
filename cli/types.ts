import { KumulusError } from '../src/model/errors.ts';
import type { ResourceType } from '../src/model/resource-type.ts';
import { resourceTypes } from '../src/policies/registry.ts';

const names = new Map<string, ResourceType>();
for (const type of resourceTypes) {
  const { name, path, shortName, singularDisplayName, pluralDisplayName } = type;
  const dashed = (words: string) => words.toLowerCase().replaceAll(' ', '-');
  const singular = path.endsWith('ies') ? `${path.slice(0, -3)}y` : path.replace(/(?<=s)es$|s$/, '');
  for (const each of [
    name.toLowerCase(),
    path,
    shortName,
    singular,
    dashed(singularDisplayName),
    dashed(pluralDisplayName),
  ]) {
    if (each !== '' && !names.has(each)) {
      names.set(each, type);
    }
  }
}

/**
 * The type by any of its names: `MeshTimeout`, `meshtimeout`, `meshtimeouts`, `mesh-timeout`, or short, `mt`.
 *
 * @throws KumulusError `bad_request` that tells similar ones.
 */
export function typeByName(name: string): ResourceType {
  const type = names.get(name.toLowerCase());
  if (type === undefined) {
    const part = name.toLowerCase();
    const start = part.slice(0, Math.max(4, part.length - 3));
    const similar = typeNames().filter((known) => known.includes(part) || known.startsWith(start));
    throw new KumulusError(
      'bad_request',
      `there are no ${JSON.stringify(name)}${similar.length > 0 ? `; did you mean ${similar.slice(0, 5).join(', ')}?` : ''}`,
    );
  }
  return type;
}

/** The paths of all types, which is what `kumulus get` calls them. */
export function typeNames(): readonly string[] {
  return resourceTypes.map(({ path }) => path);
}

/** Where resources of the type are, in a mesh or, without one, in all. */
export function collectionPath(type: ResourceType, mesh: string | undefined): string {
  return type.scope === 'Mesh' && mesh !== undefined
    ? `/meshes/${encodeURIComponent(mesh)}/${type.path}`
    : `/${type.path}`;
}

/** Where one resource is. */
export function resourcePath(type: ResourceType, mesh: string, name: string): string {
  return `${collectionPath(type, mesh)}/${encodeURIComponent(name)}`;
}
