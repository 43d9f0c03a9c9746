import type { MeshContext } from '../../context/mesh-context.ts';
import { keyText, type Resource } from '../../model/resource.ts';
import type { ApplyRequest, PrepareDeps } from './prepare-scope.ts';
import type { Target } from './targets.ts';

/** What has all the labels and no document. Meshes stay: with one goes all that is in it. */
export function prunable(
  { types }: PrepareDeps,
  { prune }: ApplyRequest,
  { resources }: MeshContext,
  targets: readonly Target[],
): readonly Resource[] {
  if (prune === undefined) {
    return [];
  }
  const kept = new Set(targets.map(({ key }) => keyText(key)));
  return [...resources.values()]
    .flatMap((ofType) => [...ofType.values()])
    .filter((resource) => resource.type !== 'Mesh' && types.get(resource.type)?.readOnly === false)
    .filter((resource) => [...prune].every(([name, value]) => resource.labels[name] === value))
    .filter((resource) => !kept.has(keyText(resource)))
    .sort((a, b) => (keyText(a) < keyText(b) ? -1 : 1));
}

/** @throws KumulusError `forbidden`, or `invalid` where the resource is in use. */
export async function requirePrune(
  { types, rules }: PrepareDeps,
  { tenant, access }: ApplyRequest,
  current: Resource,
  mesh: Resource | undefined,
): Promise<void> {
  const type = types.get(current.type);
  if (type !== undefined) {
    access.write('DELETE', type, current, [current.spec]);
    await rules.get(type.name)?.checkDelete?.(tenant, current, mesh);
  }
}
