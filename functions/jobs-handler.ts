import { randomUUID } from 'node:crypto';
import { createMeshCache } from '../src/context/mesh-cache.ts';
import { secretReader } from '../src/context/secret-reader.ts';
import { runJobs } from '../src/jobs/schedule.ts';
import { parseMilliseconds } from '../src/model/duration.ts';
import { createJsonLogger, logLevel } from '../src/model/json-logger.ts';
import { createTenants } from '../src/tenancy/tenants.ts';
import { createUsageMeter } from '../src/tenancy/usage.ts';
import { newSigningKey } from '../src/tokens/new-signing-key.ts';
import { createTokens } from '../src/tokens/tokens.ts';
import { apiFunctionSettings, quarantineMs } from './settings.ts';
import { createCloudStores } from './stores.ts';

/**
 * Builds the jobs on DynamoDB and KMS from an environment; what they are called with does not matter.
 *
 * @throws Error that names the variable that is missing or cannot be understood.
 */
export function createJobsHandler(environment: NodeJS.ProcessEnv): () => Promise<void> {
  const settings = apiFunctionSettings(environment);
  const clock = Date.now;
  const ids = randomUUID;
  const logger = createJsonLogger(logLevel(settings.logLevel), (line) => process.stdout.write(`${line}\n`));
  const stores = createCloudStores({ ...settings, waitsForEvents: true, clock, ids, logger });
  const { resources, insights, leases, history } = stores;
  const { table, items, directory, lookup } = stores.tenants;
  const meshCache = createMeshCache({ store: resources });
  const tenants = createTenants({
    items: table,
    directory,
    lookup,
    usage: createUsageMeter({ items, clock, logger }),
    tokens: createTokens({ secrets: secretReader(meshCache.read), clock, ids }),
    ensure: { resources, signingKeys: newSigningKey, zone: settings.zone, clock, ids, logger },
    quarantineMs,
  });
  return () =>
    runJobs({
      resources,
      insights,
      leases,
      clock,
      logger,
      cleanUpAgeMs: parseMilliseconds(settings.dataplaneCleanupAge),
      tenants: directory.list,
      removeDeletedTenants: tenants.removeDeleted,
      ...(history.publisher !== undefined && { publisher: history.publisher }),
    });
}
