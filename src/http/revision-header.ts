import type { ResourceKey } from '../model/resource.ts';
import { scopesOf } from '../store/resources/keys.ts';

/** For `_propagation`, to ask how far it has got. */
const revisionHeaderName = 'kumulus-revision';

/** The header after a write: the revision of the resource's mesh, of a Mesh that of its own history; none where nothing was written. */
export function revisionHeader(
  key: ResourceKey,
  revisions: ReadonlyMap<string, number> | undefined,
): Readonly<Record<string, string>> {
  const revision = revisions?.get(scopesOf(key).at(-1) ?? '');
  return revision === undefined ? {} : { [revisionHeaderName]: String(revision) };
}
