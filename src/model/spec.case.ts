import { KumulusError } from './errors.ts';
import { parseResource } from './parse-resource.ts';
import type { ResourceType } from './resource-type.ts';

/** For tests: what is said of a spec, as pairs of field and message; or the message where it cannot be read at all. */
export function verdict(type: ResourceType, spec: unknown): string | readonly (readonly [string, string])[] {
  try {
    parse(type, spec);
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

/** For tests: a spec as it is stored. */
export function parse<Spec>(type: ResourceType<Spec>, spec: unknown): Spec {
  const body = { type: type.name, mesh: 'm', name: 'x', spec };
  return parseResource(type, body, { mesh: 'm', name: 'x' }).spec;
}
