import type { Resource } from '../model/resource.ts';
import { secretData } from '../secrets/secret-data.ts';

/** Resources are immutable, so what was read from one holds as long as the object itself. */
const read = new WeakMap<Resource, ReadonlySet<string>>();

/** The `jti`s of a revocation list: a secret that holds them separated by commas. */
export function revokedIds(list: Resource): ReadonlySet<string> {
  const known = read.get(list);
  if (known !== undefined) return known;
  const ids = new Set(
    secretData(list)
      .toString('utf8')
      .split(',')
      .map((id) => id.trim()),
  );
  // A list that is empty, or ends in a comma, does not revoke the tokens that have no id.
  ids.delete('');
  read.set(list, ids);
  return ids;
}
