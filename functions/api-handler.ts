import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { handle } from 'hono/aws-lambda';
import { createUserAuthentication } from '../src/auth/authenticate-user.ts';
import { createAuthorization } from '../src/auth/authorize.ts';
import { accessResources } from '../src/context/access-resources.ts';
import { createMeshCache } from '../src/context/mesh-cache.ts';
import { secretReader } from '../src/context/secret-reader.ts';
import { createApi } from '../src/http/app.ts';
import type { ApiContext } from '../src/http/routing.ts';
import { KumulusError } from '../src/model/errors.ts';
import { createJsonLogger, logLevel } from '../src/model/json-logger.ts';
import type { TenantId } from '../src/model/tenant.ts';
import { resourceTypes } from '../src/policies/registry.ts';
import type { TenantDirectory } from '../src/tenancy/tenant-directory.ts';
import { tenantOfHost } from '../src/tenancy/tenant-of-host.ts';
import { newSigningKey } from '../src/tokens/new-signing-key.ts';
import { createTokens } from '../src/tokens/tokens.ts';
import { type ApiFunctionSettings, apiFunctionSettings } from './settings.ts';
import { createCloudStores } from './stores.ts';

/** What Lambda calls with events of an HTTP API (payload 2.0). */
export type ApiHandler = ReturnType<typeof handle>;

/** The version of Kuma whose behaviour is kept, as `kumactl` compares it with its own. */
const kumaVersion = '2.13.10';

/** How long a tenant that was found in the directory counts as being there, in milliseconds. */
const knownForMs = 30_000;

/** Tells tenants by host name, and lets in only those of the directory. */
function tenantOf(settings: ApiFunctionSettings, directory: TenantDirectory) {
  const knownUntil = new Map<TenantId, number>();
  return async (context: ApiContext): Promise<TenantId> => {
    const host = context.req.header('host') ?? new URL(context.req.url).host;
    const tenant = tenantOfHost(host, settings.baseDomain) ?? settings.defaultTenant;
    if (tenant !== undefined) {
      if ((knownUntil.get(tenant) ?? 0) > Date.now()) {
        return tenant;
      }
      if (await directory.has(tenant)) {
        knownUntil.set(tenant, Date.now() + knownForMs);
        return tenant;
      }
    }
    throw new KumulusError('not_found', 'there is no control plane under this host name', {
      title: 'Could not find the control plane',
    });
  };
}

/**
 * Builds the API on DynamoDB and KMS from an environment. Nothing is asked of either before the first event.
 *
 * @throws Error that names the variable that is missing or cannot be understood.
 */
export function createApiHandler(environment: NodeJS.ProcessEnv): ApiHandler {
  const settings = apiFunctionSettings(environment);
  const clock = Date.now;
  const ids = randomUUID;
  const logger = createJsonLogger(logLevel(settings.logLevel), (line) => process.stdout.write(`${line}\n`));
  const { resources, insights, leases, tenants } = createCloudStores({ ...settings, clock, ids, logger });
  const meshCache = createMeshCache({ store: resources });
  const tokens = createTokens({ secrets: secretReader(meshCache.read), clock, ids });
  const api = createApi({
    resources,
    insights,
    leases,
    meshCache,
    tokens,
    signingKeys: newSigningKey,
    types: resourceTypes,
    tenantOf: tenantOf(settings, tenants),
    // Whoever calls, calls through the gateway: nobody is on the machine itself.
    peerAddressOf: () => undefined,
    authenticate: createUserAuthentication({ tokens, localhostIsAdmin: false, logger }),
    authorize: createAuthorization(accessResources(meshCache.read)),
    clock,
    ids,
    logger,
    settings: {
      identity: {
        version: kumaVersion,
        hostname: hostname(),
        instanceId: ids(),
        clusterId: settings.table,
      },
      zone: settings.zone,
      localhostIsAdmin: false,
      anonymousReads: false,
      deltaXds: true,
      dataplaneCleanupAge: settings.dataplaneCleanupAge,
    },
  });
  return handle(api);
}
