import { KumulusError } from '../model/errors.ts';
import { maxYamlLength, parseSmallYaml } from '../model/small-yaml.ts';

/**
 * Reads the resource that a proxy sends of itself: JSON, as kuma-dp does, or YAML as long as it is small.
 *
 * @throws KumulusError `bad_request` where it is neither.
 */
export function parseProxyDocument(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    try {
      return parseSmallYaml(text);
    } catch (cause) {
      const message = `the resource is neither JSON nor YAML of at most ${maxYamlLength} characters`;
      throw new KumulusError('bad_request', message, { cause });
    }
  }
}
