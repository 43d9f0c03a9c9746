import type * as z from 'zod';
import { dnsLabelDeprecations } from '../names.ts';
import * as proto from '../proto-json.ts';
import type { ResourceType } from '../resource-type.ts';
import { Violations } from '../violations.ts';

/** Kuma's `Zone`. */
export const zoneSchema = proto.message({
  /** True when absent. */
  enabled: proto.boolValue(),
});

export type ZoneSpec = z.output<typeof zoneSchema>;

export const zoneType: ResourceType<ZoneSpec> = {
  name: 'Zone',
  scope: 'Global',
  path: 'zones',
  singularDisplayName: 'Zone',
  pluralDisplayName: 'Zones',
  shortName: '',
  readOnly: false,
  layout: 'flat',
  secret: false,
  includeInFederation: false,
  providedByZone: true,
  schema: zoneSchema,
  validate: () => new Violations(),
  deprecations: (_, displayName) => dnsLabelDeprecations('Zone', displayName),
};
