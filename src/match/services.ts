import type { ServiceInstance } from '../context/mesh-context.ts';
import { commonProtocol, type Protocol, parseProtocol } from '../model/protocol.ts';
import { protocolTag } from '../model/tags.ts';

const protocols = new WeakMap<readonly ServiceInstance[], Protocol>();

/** What all ready instances of a service speak; `unknown` where there are none. Worked out once a list. */
export function serviceProtocol(instances: readonly ServiceInstance[] | undefined): Protocol {
  if (instances === undefined) {
    return 'unknown';
  }
  let protocol = protocols.get(instances);
  if (protocol === undefined) {
    protocol = instances
      .filter(({ ready }) => ready)
      .map(({ tags }) => parseProtocol(tags[protocolTag]))
      .reduce<Protocol | undefined>(
        (common, next) => (common === undefined ? next : commonProtocol(common, next)),
        undefined,
      );
    protocol ??= 'unknown';
    protocols.set(instances, protocol);
  }
  return protocol;
}
