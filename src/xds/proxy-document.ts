import { parse as parseYaml } from 'yaml';
import { KumulusError } from '../model/errors.ts';

/** YAML with anchors takes far more time to read than it has bytes; kuma-dp sends JSON. In characters. */
const maxYamlLength = 128 * 1024;

/**
 * Reads the resource that a proxy sends of itself: JSON, or YAML as long as it is small.
 *
 * @throws KumulusError `bad_request` where it is neither.
 */
export function parseProxyDocument(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    if (text.length > maxYamlLength) {
      throw new KumulusError(
        'bad_request',
        `a resource in YAML may have at most ${maxYamlLength} characters, got ${text.length}`,
      );
    }
    try {
      return parseYaml(text, { maxAliasCount: 100 });
    } catch (cause) {
      throw new KumulusError('bad_request', 'the resource is neither JSON nor YAML', { cause });
    }
  }
}
