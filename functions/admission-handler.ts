import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { handle } from 'hono/aws-lambda';
import { createIdentification } from '../src/auth/identify.ts';
import { accessStates } from '../src/context/access-state.ts';
import { createMeshCache } from '../src/context/mesh-cache.ts';
import { secretReader } from '../src/context/secret-reader.ts';
import { createInjectionApi } from '../src/http/injection/app.ts';
import { createAddressing } from '../src/http/tenancy/addressing.ts';
import { createGate } from '../src/http/tenancy/gate.ts';
import { injectorEnvironment } from '../src/kubernetes/injector/environment.ts';
import { createJsonLogger, logLevel } from '../src/model/json-logger.ts';
import { createSharedRates } from '../src/tenancy/quotas/shared-rates.ts';
import { createUsageMeter } from '../src/tenancy/usage.ts';
import { settingsByTenant, tokenSettingsOf } from '../src/tokens/token-environment.ts';
import { createTokens } from '../src/tokens/tokens.ts';
import type { ApiHandler } from './api-handler.ts';
import { apiFunctionSettings, usageEveryMs } from './settings.ts';
import { sourceAddressOf } from './source-address.ts';
import { createCloudStores } from './stores.ts';

/**
 * Builds the admission webhook on DynamoDB and KMS from an environment. It writes nothing but what tenants use.
 *
 * @throws Error that names the variable that is missing or cannot be understood.
 */
export function createAdmissionHandler(environment: NodeJS.ProcessEnv): ApiHandler {
  const settings = apiFunctionSettings(environment);
  const { controlPlaneUrl, ...injector } = injectorEnvironment(environment);
  const clock = Date.now;
  const ids = randomUUID;
  const logger = createJsonLogger(logLevel(settings.logLevel), (line) => process.stdout.write(`${line}\n`));
  const { resources, tenants } = createCloudStores({
    ...settings,
    eventBus: undefined,
    waitsForEvents: true,
    clock,
    ids,
    logger,
  });
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
  const usage = createUsageMeter({ items: tenants.items, clock, logger, everyMs: usageEveryMs });
  const answer = handle(
    createInjectionApi({
      ...injector,
      controlPlaneUrl: (tenant) => controlPlaneUrl?.replaceAll('{tenant}', tenant),
      tenancy: {
        addressing: createAddressing(settings),
        lookup: tenants.lookup,
        gate: createGate(),
        rates: createSharedRates({ items: tenants.items, clock }),
        usage,
      },
      identify: createIdentification({
        read: accessStates(meshCache.read),
        tokens,
        localhostIsAdmin: false,
        logger,
      }),
      peerAddressOf: sourceAddressOf,
      clock,
      ids,
      logger,
    }),
  );
  return async (event, context) => {
    const result = await answer(event, context);
    await usage.flushIfDue();
    return result;
  };
}
