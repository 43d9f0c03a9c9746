import * as z from 'zod';
import type { CallApi } from './api-phases.ts';

const createdSchema = z.object({ adminToken: z.string() });

/** What is measured is the work and not its bounds. */
const quotas = {
  meshes: null,
  dataplanes: null,
  resources: null,
  requestsPerSecond: null,
  tokensPerSecond: null,
};

/**
 * Makes a tenant without quotas; gives its administrator's token.
 *
 * @param operator calls the API as its operator.
 */
export async function createTenant(operator: CallApi, id: string): Promise<string> {
  return createdSchema.parse(JSON.parse(await operator('POST', '/tenants', { id, quotas }))).adminToken;
}
