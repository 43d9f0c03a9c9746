import { parseProtocol, supportedProtocols } from './protocol.ts';
import { allowedValues } from './rules.ts';
import { protocolTag, type Tags } from './tags.ts';
import { key, type Violations } from './violations.ts';

/** Checks that the tag `kuma.io/protocol`, where there is one, names a protocol that Kuma knows. */
export function validateProtocolTag(violations: Violations, path: string, tags: Tags): void {
  const protocol = tags[protocolTag];
  if (protocol !== undefined && parseProtocol(protocol) === 'unknown') {
    violations.add(
      key(path, protocolTag),
      `tag "${protocolTag}" has an invalid value ${JSON.stringify(protocol)}. ${allowedValues(supportedProtocols)}`,
    );
  }
}
