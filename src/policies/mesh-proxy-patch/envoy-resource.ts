import { parseSmallYaml } from '../../model/small-yaml.ts';
import type { ModificationKind } from './schema.ts';

const messages: Readonly<Record<ModificationKind, string>> = {
  cluster: 'Cluster',
  listener: 'Listener',
  virtualHost: 'VirtualHost',
  networkFilter: 'Filter',
  httpFilter: 'HttpFilter',
};

/** What is wrong with an Envoy resource in YAML or JSON; undefined where nothing is. */
export function envoyResourceProblem(
  kind: ModificationKind,
  text: string,
  extent: 'whole' | 'part',
): string | undefined {
  const resource = parseSmallYaml(text);
  if (typeof resource !== 'object' || resource === null) {
    return 'it is no object';
  }
  const name: unknown = Reflect.get(resource, 'name');
  return extent === 'whole' && kind !== 'listener' && (name === undefined || name === '')
    ? `invalid ${messages[kind]}.Name: value length must be at least 1 runes`
    : undefined;
}
