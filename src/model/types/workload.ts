import * as z from 'zod';
import type { ResourceType } from '../resource-type.ts';
import { int32 } from '../spec-fields.ts';
import { Violations } from '../violations.ts';

/** Kuma's `Workload`: the Dataplanes that carry its name in the label `kuma.io/workload`. It says nothing of its own. */
export const workloadSchema = z.object({});

export type WorkloadSpec = z.output<typeof workloadSchema>;

const statusSchema = z.object({
  dataplaneProxies: z.object({ connected: int32(), healthy: int32(), total: int32() }).exactOptional(),
});

export const workloadType: ResourceType<WorkloadSpec> = {
  name: 'Workload',
  scope: 'Mesh',
  path: 'workloads',
  singularDisplayName: 'Workload',
  pluralDisplayName: 'Workloads',
  shortName: 'wl',
  readOnly: false,
  layout: 'spec',
  secret: false,
  includeInFederation: false,
  providedByZone: true,
  schema: workloadSchema,
  status: { schema: statusSchema, initial: { dataplaneProxies: { connected: 0, healthy: 0, total: 0 } } },
  validate: () => new Violations(),
};
