import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { handle } from 'hono/aws-lambda';
import { createIdentification } from '../src/auth/identify.ts';
import { createOperatorAuthentication, operatorTokenHash } from '../src/auth/operator.ts';
import { accessStates } from '../src/context/access-state.ts';
import { createMeshCache } from '../src/context/mesh-cache.ts';
import { secretReader } from '../src/context/secret-reader.ts';
import { createApi } from '../src/http/app.ts';
import { createTenantFront } from '../src/http/tenancy/front.ts';
import { createJsonLogger, logLevel } from '../src/model/json-logger.ts';
import { resourceTypes } from '../src/policies/registry.ts';
import { createSharedRates } from '../src/tenancy/quotas/shared-rates.ts';
import { newSigningKey } from '../src/tokens/new-signing-key.ts';
import { settingsByTenant, tokenSettingsOf } from '../src/tokens/token-environment.ts';
import { createTokens } from '../src/tokens/tokens.ts';
import { apiFunctionSettings, quarantineMs, usageEveryMs } from './settings.ts';
import { sourceAddressOf } from './source-address.ts';
import { createCloudStores } from './stores.ts';

/** What Lambda calls with events of an HTTP API (payload 2.0). */
export type ApiHandler = ReturnType<typeof handle>;

/** The version of Kuma whose behaviour is kept, as `kumactl` compares it with its own. */
const kumaVersion = '2.13.10';

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
  const stores = createCloudStores({ ...settings, waitsForEvents: true, clock, ids, logger });
  const { resources, insights, propagation, leases, tenants, history, idempotency } = stores;
  const meshCache = createMeshCache({ store: resources });
  const tokens = createTokens({
    secrets: secretReader(meshCache.read),
    clock,
    ids,
    settings: settingsByTenant(
      tokenSettingsOf(environment, (path) => readFileSync(path, 'utf8')),
      settings.defaultTenant,
    ),
  });
  // Whoever calls, calls through the gateway: nobody is on the machine itself.
  const peerAddressOf = sourceAddressOf;
  const front = createTenantFront({
    tenants,
    tokens,
    ensure: { resources, signingKeys: newSigningKey, zone: settings.zone },
    rates: createSharedRates({ items: tenants.items, clock }),
    authenticateOperator: createOperatorAuthentication({
      tokenHash: operatorTokenHash(environment),
      localhostIsOperator: false,
    }),
    peerAddressOf,
    trail: history.trail,
    idempotency,
    baseDomain: settings.baseDomain,
    defaultTenant: settings.defaultTenant,
    quarantineMs,
    usageEveryMs,
    clock,
    ids,
    logger,
  });
  const api = createApi({
    resources,
    insights,
    propagation,
    leases,
    meshCache,
    tokens,
    trail: history.trail,
    audit: history.audit,
    idempotency,
    signingKeys: newSigningKey,
    types: resourceTypes,
    tenancy: front.tenancy,
    operator: front.operator,
    peerAddressOf,
    identify: createIdentification({
      read: accessStates(meshCache.read),
      tokens,
      localhostIsAdmin: false,
      logger,
    }),
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
      othersWrite: true,
      deltaXds: true,
      dataplaneCleanupAge: settings.liveness.dataplaneCleanupAge,
    },
  });
  const answer = handle(api);
  return async (event, context) => {
    const result = await answer(event, context);
    await front.usage.flushIfDue();
    return result;
  };
}
