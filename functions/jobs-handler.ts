import { randomUUID } from 'node:crypto';
import { createMeshCache } from '../src/context/mesh-cache.ts';
import { secretReader } from '../src/context/secret-reader.ts';
import { deadlineBefore } from '../src/jobs/deadline.ts';
import { runJobs } from '../src/jobs/schedule.ts';
import { tenantCare } from '../src/jobs/tenant-care.ts';
import { KumulusError } from '../src/model/errors.ts';
import { createJsonLogger, logLevel } from '../src/model/json-logger.ts';
import { createTenants } from '../src/tenancy/tenants.ts';
import { createUsageMeter } from '../src/tenancy/usage.ts';
import { newSigningKey } from '../src/tokens/new-signing-key.ts';
import { createTokens } from '../src/tokens/tokens.ts';
import { apiFunctionSettings, quarantineMs } from './settings.ts';
import { createCloudStores } from './stores.ts';

/** What Lambda tells of a call; the event does not matter. */
interface CallContext {
  /** Milliseconds until the function is stopped. */
  getRemainingTimeInMillis(): number;
}

/**
 * Builds the jobs on DynamoDB and KMS from an environment. A run of which something failed is done to its end and then rejects,
 * so that Lambda counts it, an alarm tells of it, and its event is put into the queue of failed runs.
 *
 * @throws Error that names the variable that is missing or cannot be understood.
 */
export function createJobsHandler(
  environment: NodeJS.ProcessEnv,
): (event: unknown, context: CallContext) => Promise<void> {
  const settings = apiFunctionSettings(environment);
  const clock = Date.now;
  const ids = randomUUID;
  const logger = createJsonLogger(logLevel(settings.logLevel), (line) => process.stdout.write(`${line}\n`));
  const stores = createCloudStores({ ...settings, waitsForEvents: true, isJob: true, clock, ids, logger });
  const { resources, history } = stores;
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
  return async (_event, context) => {
    const failed = await runJobs(
      {
        ...stores,
        clock,
        logger,
        liveness: settings.liveness,
        careFor: tenantCare(lookup),
        removeDeletedTenants: tenants.removeDeleted,
        ...(history.publisher !== undefined && { publisher: history.publisher }),
      },
      deadlineBefore(() => context.getRemainingTimeInMillis()),
    );
    if (failed.length > 0) {
      throw new KumulusError(
        'unavailable',
        `the jobs ${[...failed].sort().join(', ')} failed; the log says why`,
      );
    }
  };
}
