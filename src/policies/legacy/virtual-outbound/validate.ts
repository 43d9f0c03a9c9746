import { goQuote } from '../../../model/go-quote.ts';
import { validateSelectors } from '../../../model/selectors.ts';
import { isTagName, serviceTag } from '../../../model/tags.ts';
import { field, index, Violations } from '../../../model/violations.ts';
import { anyTag } from '../common/connection.ts';
import { undefinedValue } from '../common/value-rules.ts';
import type { VirtualOutboundConf, VirtualOutboundSpec } from './schema.ts';
import { hostFor, portFor, tagOf } from './templates.ts';

/** Kuma's rules for a VirtualOutbound. */
export function validateVirtualOutbound(spec: VirtualOutboundSpec): Violations {
  const violations = new Violations();
  validateSelectors(violations, 'selectors', spec.selectors, anyTag);
  const { conf } = spec;
  if (conf === undefined) {
    return violations.add('conf', undefinedValue);
  }
  validateParameters(violations, 'conf.parameters', conf.parameters);
  validateTemplate(violations, 'conf.host', conf.host, () => hostFor(conf, sampleTags(conf, 'dummy')));
  validateTemplate(violations, 'conf.port', conf.port, () => portFor(conf, sampleTags(conf, '1')));
  return violations;
}

/** Names become fields of templates. */
const fieldName = /^[a-zA-Z0-9]+$/;

function validateParameters(
  violations: Violations,
  path: string,
  parameters: VirtualOutboundConf['parameters'] = [],
): void {
  const names = new Set<string>();
  for (const [position, { name = '', tagKey }] of parameters.entries()) {
    const place = index(path, position);
    if (names.has(name)) {
      violations.add(field(place, 'name'), 'name is already used');
    }
    names.add(name);
    if (tagKey !== undefined && !isTagName(tagKey)) {
      violations.add(field(place, 'tagKey'), 'must be a valid tag name');
    }
    if (tagKey === undefined && !isTagName(name)) {
      violations.add(field(place, 'name'), 'must be a valid tag name if you are not setting tagKey');
    }
    if (!fieldName.test(name)) {
      violations.add(
        field(place, 'name'),
        'must consist of alphanumeric characters to be used as a gotemplate key',
      );
    }
  }
  if (!parameters.some(({ tagKey }) => tagKey === serviceTag)) {
    violations.add(path, `must contain a parameter with ${serviceTag} as a tagKey`);
  }
}

/** Values for all parameters, to try templates with. */
function sampleTags(
  { parameters = [] }: VirtualOutboundConf,
  value: string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(parameters.map((parameter) => [tagOf(parameter), value]));
}

function validateTemplate(
  violations: Violations,
  path: string,
  template: string | undefined,
  evaluate: () => unknown,
): void {
  if (template === undefined) {
    violations.add(path, undefinedValue);
    return;
  }
  try {
    evaluate();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    violations.add(path, `template pre evaluation failed with error=${goQuote(reason)}`);
  }
}
