import { toEnvoyJson } from '../envoy/json.ts';
import type { Snapshot } from './snapshot.ts';

/** What stands in place of key material: `[redacted]` in base64, so that the JSON can still be read as messages. */
const redacted = Buffer.from('[redacted]').toString('base64');

/**
 * A snapshot as JSON, by type URL and name, fit to be shown: whatever was sent as bytes, which is certificates and
 * keys, is blanked.
 */
export function snapshotToJson(snapshot: Snapshot): Record<string, Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(snapshot.resources)
      .filter(([, resources]) => resources.size > 0)
      .map(([url, resources]) => [
        url,
        Object.fromEntries([...resources].map(([name, { any }]) => [name, blank(toEnvoyJson(any))])),
      ]),
  );
}

function blank(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(blank);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, name === 'inlineBytes' ? redacted : blank(member)]),
  );
}
