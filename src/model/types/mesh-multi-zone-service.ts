import * as z from 'zod';
import { dnsLabelDeprecations } from '../names.ts';
import { supportedProtocols } from '../protocol.ts';
import type { ResourceType } from '../resource-type.ts';
import { int32, withDefault } from '../spec-fields.ts';
import { field, index, Violations } from '../violations.ts';
import { labelSelectorSchema } from './label-selector.ts';
import { addressesSchema, conditionSchema, hostnameGeneratorsSchema, vipSchema } from './service-status.ts';

/** Kuma's `MeshMultiZoneService`: the MeshServices of one service in all zones, as one. */
export const meshMultiZoneServiceSchema = z.object({
  selector: z.object({ meshService: labelSelectorSchema }),
  ports: z
    .array(
      z.object({
        name: z.string().describe('What policies call the port; its number when absent.').exactOptional(),
        port: int32(),
        appProtocol: withDefault('tcp', z.string()),
      }),
    )
    .min(1),
});

export type MeshMultiZoneServiceSpec = z.output<typeof meshMultiZoneServiceSchema>;

const statusSchema = z.object({
  addresses: addressesSchema.exactOptional(),
  vips: z.array(vipSchema).exactOptional(),
  meshServices: z
    .array(z.object({ name: z.string(), namespace: z.string(), zone: z.string(), mesh: z.string() }))
    .exactOptional(),
  hostnameGenerators: hostnameGeneratorsSchema.exactOptional(),
  conditions: z.array(conditionSchema).exactOptional(),
});

const protocols: readonly string[] = supportedProtocols;

function validate({ selector, ports }: MeshMultiZoneServiceSpec): Violations {
  const violations = new Violations();
  if (Object.keys(selector.meshService.matchLabels ?? {}).length === 0) {
    violations.add('spec.selector.meshService.matchLabels', 'cannot be empty');
  }
  for (const [position, { name, appProtocol }] of ports.entries()) {
    const path = index('spec.ports', position);
    if (name === '') {
      violations.add(field(path, 'name'), 'must not be empty');
    }
    if (!protocols.includes(appProtocol)) {
      const message = `appProtocol must be one of: ${protocols.join(', ')}`;
      violations.add(field(path, 'appProtocol'), message);
    }
  }
  return violations;
}

export const meshMultiZoneServiceType: ResourceType<MeshMultiZoneServiceSpec> = {
  name: 'MeshMultiZoneService',
  scope: 'Mesh',
  path: 'meshmultizoneservices',
  singularDisplayName: 'Mesh Multi Zone Service',
  pluralDisplayName: 'Mesh Multi Zone Services',
  shortName: 'mzsvc',
  readOnly: false,
  layout: 'spec',
  secret: false,
  includeInFederation: true,
  providedByZone: false,
  schema: meshMultiZoneServiceSchema,
  status: { schema: statusSchema, initial: {} },
  validate,
  deprecations: (_, displayName) => dnsLabelDeprecations('MeshMultiZoneService', displayName),
};
