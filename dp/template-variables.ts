import { KumulusError } from '../src/model/errors.ts';

/**
 * Reads the values of `--dataplane-var`: `key=value`, which may be repeated, or several in one with commas between them. As
 * with kuma-dp, a value with a single `=` is taken whole, commas included.
 *
 * @param flag how the variables were given, for messages.
 * @throws KumulusError `bad_request` for text without `=`.
 */
export function readVariables(
  values: readonly string[],
  flag = '--dataplane-var',
): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  for (const value of values) {
    const single = value.split('=').length === 2;
    for (const pair of single ? [value] : value.split(',')) {
      const at = pair.indexOf('=');
      if (at <= 0) {
        throw new KumulusError('bad_request', `${flag} ${JSON.stringify(pair)} must be key=value`);
      }
      variables.set(pair.slice(0, at), pair.slice(at + 1));
    }
  }
  return variables;
}
