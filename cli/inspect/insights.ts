import * as z from 'zod';
import { table } from '../output/table.ts';

const count = z.number().default(0);
const statusCounts = z.looseObject({ total: count, online: count }).prefault({});

const meshSchema = z.looseObject({
  name: z.string(),
  dataplanes: statusCounts,
  policies: z.record(z.string(), z.looseObject({ total: count })).default({}),
});

const serviceSchema = z.looseObject({
  mesh: z.string().default(''),
  name: z.string(),
  status: z.string().default(''),
  dataplanes: statusCounts,
});

/** Meshes by name, from what `/mesh-insights` lists. */
export function meshTable(insights: readonly unknown[]): string {
  return table(
    ['MESH', 'DATAPLANES', 'POLICIES'],
    insights.map((insight) => {
      const { name, dataplanes, policies } = meshSchema.parse(insight);
      const total = Object.values(policies).reduce((sum, each) => sum + each.total, 0);
      return [name, `${dataplanes.online}/${dataplanes.total}`, String(total)];
    }),
  );
}

/** Services by name, from what `/service-insights` lists. */
export function serviceTable(insights: readonly unknown[]): string {
  return table(
    ['MESH', 'SERVICE', 'STATUS', 'DATAPLANES'],
    insights.map((insight) => {
      const { mesh, name, status, dataplanes } = serviceSchema.parse(insight);
      return [mesh, name, status, `${dataplanes.online}/${dataplanes.total}`];
    }),
  );
}
