import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createCloudStores } from '../functions/stores.ts';
import { createJsonLogger, logLevel } from '../src/model/json-logger.ts';
import { createObservability } from '../src/observability/observability.ts';
import { diagnosticsSettings } from '../src/observability/settings.ts';
import { resourceType } from '../src/policies/registry.ts';
import { settingsByTenant, tokenSettingsOf } from '../src/tokens/token-environment.ts';
import { bootstrapSettings } from '../src/xds/bootstrap/settings.ts';
import { createRelayService } from '../src/xds/relay-service.ts';
import { addressedTenant } from '../src/xds/server/addressed-tenant.ts';
import { relayCertificate } from './certificate.ts';
import { relaySettings } from './settings.ts';

// The relay of the cloud: everything that lasts is in the table, so one may go at any time. SIGTERM, which Fargate sends
// before it stops a task, drains it.
const settings = relaySettings(process.env);
const readText = (path: string) => readFileSync(path, 'utf8');
const tls = relayCertificate(process.env, readText);
const clock = Date.now;
const ids = randomUUID;
const id = ids();
const writeLine = (line: string) => process.stdout.write(`${line}\n`);
const diagnostics = diagnosticsSettings(process.env);
const observability = createObservability({
  ...diagnostics,
  clock,
  logger: createJsonLogger(logLevel(settings.logLevel), writeLine),
  instance: id,
  ...(settings.cloudWatchStage !== undefined && {
    cloudWatch: { stage: settings.cloudWatchStage, write: writeLine },
  }),
});
const { logger, telemetry } = observability;
// First of all, so that what keeps the relay from being ready can be asked for.
const { port: diagnosticsPort } = await observability.server.listen(diagnostics.port, diagnostics.address);
logger.info('metrics and health are answered', { address: diagnostics.address, port: diagnosticsPort });
const { tenants, history, queues, ...stores } = createCloudStores({
  ...settings,
  waitsForEvents: false,
  relay: id,
  clock,
  ids,
  logger,
  telemetry,
});

const relay = await createRelayService({
  ...stores,
  id,
  ...(settings.queuePrefix !== undefined && { queue: { queues, name: `${settings.queuePrefix}${id}` } }),
  resourceType,
  tls,
  tenants: tenants.lookup,
  tenantOf: addressedTenant(settings),
  defaultTenant: settings.defaultTenant,
  bootstrapSettings: bootstrapSettings(process.env),
  zone: settings.zone,
  tokenSettings: settingsByTenant(tokenSettingsOf(process.env, readText), settings.defaultTenant),
  liveness: settings.liveness,
  clock,
  ids,
  logger,
  telemetry,
});
const { port } = await relay.listen(settings.port);
observability.serving(tls.cert);
logger.info('the relay listens', { port });

process.once('SIGTERM', () => {
  logger.info('the relay drains', { seconds: settings.drainSeconds });
  observability.health.draining();
  const stopped = relay
    .stop(settings.drainSeconds * 1_000)
    .then(() => Promise.all([history.publisher?.idle(), stores.insights.idle()]))
    .then(observability.stop);
  stopped.then(
    () => process.exit(0),
    (error: unknown) => {
      logger.error('the relay could not stop in order', { error });
      process.exit(1);
    },
  );
});
