import { KumulusError } from './errors.ts';
import { parseResource } from './parse-resource.ts';
import type { ResourceType } from './resource-type.ts';

export type Verdict = string | readonly (readonly [field: string, message: string])[];

/** For tests: what is said of the fields of an older type; or the message where they cannot be read at all. */
export function flatVerdict(type: ResourceType, fields: object): Verdict {
  try {
    flatSpec(type, fields);
    return [];
  } catch (error) {
    if (!(error instanceof KumulusError)) {
      throw error;
    }
    return error.code === 'invalid'
      ? error.violations.map(({ field, message }) => [field, message] as const)
      : error.message;
  }
}

/** For tests: the fields of an older type as they are stored. */
export function flatSpec<Spec>(type: ResourceType<Spec>, fields: object): Spec {
  const body = { type: type.name, mesh: 'm', name: 'x', ...fields };
  return parseResource(type, body, { mesh: 'm', name: 'x' }).spec;
}
