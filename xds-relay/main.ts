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
import { relaySettings } from './settings.ts';

// The relay of the cloud: everything that lasts is in the table, so one may go at any time. SIGTERM, which Fargate sends
// before it stops a task, drains it.
const settings = relaySettings(process.env);
const clock = Date.now;
const ids = randomUUID;
const id = ids();
const diagnostics = diagnosticsSettings(process.env);
const observability = createObservability({
  ...diagnostics,
  clock,
  logger: createJsonLogger(logLevel(settings.logLevel), (line) => process.stdout.write(`${line}\n`)),
  instance: id,
});
const { logger, telemetry } = observability;
// First of all, so that what keeps the relay from being ready can be asked for.
const { port: diagnosticsPort } = await observability.server.listen(diagnostics.port, diagnostics.address);
logger.info('metrics and health are answered', { address: diagnostics.address, port: diagnosticsPort });
const { tenants, history, ...stores } = createCloudStores({
  ...settings,
  waitsForEvents: false,
  clock,
  ids,
  logger,
  telemetry,
});
const cert = readFileSync(settings.certFile, 'utf8');

const relay = await createRelayService({
  ...stores,
  id,
  resourceType,
  tls: {
    cert,
    key: readFileSync(settings.keyFile, 'utf8'),
    ca: settings.caFile === undefined ? cert : readFileSync(settings.caFile, 'utf8'),
  },
  tenants: tenants.lookup,
  tenantOf: addressedTenant(settings),
  defaultTenant: settings.defaultTenant,
  bootstrapSettings: bootstrapSettings(process.env),
  zone: settings.zone,
  tokenSettings: settingsByTenant(
    tokenSettingsOf(process.env, (path) => readFileSync(path, 'utf8')),
    settings.defaultTenant,
  ),
  liveness: settings.liveness,
  clock,
  ids,
  logger,
  telemetry,
});
const { port } = await relay.listen(settings.port);
observability.serving(cert);
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
