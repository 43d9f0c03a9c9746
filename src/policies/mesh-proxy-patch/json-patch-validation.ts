import { field, index, type Violations } from '../../model/violations.ts';
import type { JsonPatch } from './schema.ts';

/** Kuma's rules for JSON patches, in its order and words. Whether a path leads anywhere shows when a proxy is patched. */
export function validateJsonPatches(
  violations: Violations,
  path: string,
  patches: readonly JsonPatch[],
): void {
  for (const [position, { op, from, value, path: target }] of patches.entries()) {
    const patchPath = index(path, position);
    requireOnlyWith(violations, field(patchPath, 'from'), 'from', from, op, ['move', 'copy']);
    requireOnlyWith(violations, field(patchPath, 'value'), 'value', value, op, ['add', 'replace']);
    if (op === 'remove' && (target === '' || target === '/')) {
      violations.add(field(patchPath, 'path'), 'root path cannot be removed');
    }
  }
}

/** A member that some operations need and others must not have. */
function requireOnlyWith(
  violations: Violations,
  path: string,
  member: string,
  value: unknown,
  op: JsonPatch['op'],
  ops: readonly JsonPatch['op'][],
): void {
  const oneOf = `"op" is one of [${ops.map((name) => `"${name}"`).join(', ')}]`;
  if (ops.includes(op)) {
    if (value === undefined) {
      violations.add(path, `"${member}" must not be empty when ${oneOf}`);
    }
  } else if (value !== undefined) {
    violations.add(path, `"${member}" is allowed only when ${oneOf}`);
  }
}
