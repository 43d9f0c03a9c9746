import type { Resource, ResourceKey } from '../../model/resource.ts';
import { keyText } from '../../model/resource.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import { field, index, type Violations } from '../../model/violations.ts';

/** One document, and which resource it is about. */
export interface Target {
  readonly type: ResourceType;
  readonly key: ResourceKey;
  readonly body: object;
  /** Where violations of the document are, such as `documents[3]`. */
  readonly path: string;
}

/** Where documents without a mesh belong, as in Kuma. */
const defaultMesh = 'default';

/**
 * Tells what documents are about. Those of which it cannot be told, and those that are about the same resource as an
 * earlier one, leave a violation.
 */
export function targetsOf(
  documents: readonly object[],
  types: ReadonlyMap<string, ResourceType>,
  violations: Violations,
): readonly Target[] {
  const seen = new Map<string, string>();
  return documents.flatMap((body, position) => {
    const path = index('documents', position);
    const target = targetOf(body, path, types, violations);
    if (target === undefined) {
      return [];
    }
    const name = keyText(target.key);
    const earlier = seen.get(name);
    if (earlier !== undefined) {
      violations.add(path, `is about the same resource as ${earlier}`);
      return [];
    }
    seen.set(name, path);
    return [target];
  });
}

function targetOf(
  body: object,
  path: string,
  types: ReadonlyMap<string, ResourceType>,
  violations: Violations,
): Target | undefined {
  const typeName = member(body, 'type');
  const type = types.get(typeName);
  if (type === undefined || type.readOnly) {
    const problem =
      typeName === ''
        ? 'must name the type of the resource'
        : type === undefined
          ? `unknown resource type ${JSON.stringify(typeName)}`
          : `${typeName} is written by the control plane alone`;
    violations.add(field(path, 'type'), problem);
    return undefined;
  }
  const name = member(body, 'name');
  if (name === '') {
    violations.add(field(path, 'name'), 'must name the resource');
    return undefined;
  }
  if (type.scope !== 'Mesh') {
    return { type, key: { type: type.name, mesh: '', name }, body, path };
  }
  const mesh = member(body, 'mesh') || defaultMesh;
  return { type, key: { type: type.name, mesh, name }, body: { ...body, mesh }, path };
}

function member(body: object, name: string): string {
  const value: unknown = Object.hasOwn(body, name) ? Reflect.get(body, name) : undefined;
  return typeof value === 'string' ? value : '';
}

/** The history that a resource is part of: a Mesh belongs to what is in it. */
export function scopeOf({ type, mesh, name }: Pick<Resource, 'type' | 'mesh' | 'name'>): string {
  return type === 'Mesh' ? name : mesh;
}

/** The targets by scope, in the order in which they are applied: what is beside the meshes first, then mesh by mesh. */
export function byScope(targets: readonly Target[]): ReadonlyMap<string, readonly Target[]> {
  const scopes = new Map<string, Target[]>();
  for (const target of targets) {
    const scope = scopeOf(target.key);
    scopes.set(scope, [...(scopes.get(scope) ?? []), target]);
  }
  return new Map([...scopes].sort(([a], [b]) => (a < b ? -1 : 1)));
}
