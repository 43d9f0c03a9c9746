import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createCloudStores } from '../functions/stores.ts';
import { createJsonLogger, logLevel } from '../src/model/json-logger.ts';
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
const logger = createJsonLogger(logLevel(settings.logLevel), (line) => process.stdout.write(`${line}\n`));
const { tenants, history, ...stores } = createCloudStores({
  ...settings,
  waitsForEvents: false,
  clock,
  ids,
  logger,
});
const cert = readFileSync(settings.certFile, 'utf8');

const relay = await createRelayService({
  ...stores,
  id: ids(),
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
  deregistrationDelayMs: settings.deregistrationSeconds * 1_000,
  clock,
  ids,
  logger,
});
const { port } = await relay.listen(settings.port);
logger.info('the relay listens', { port });

process.once('SIGTERM', () => {
  logger.info('the relay drains', { seconds: settings.drainSeconds });
  const stopped = relay.stop(settings.drainSeconds * 1_000).then(() => history.publisher?.idle());
  stopped.then(
    () => process.exit(0),
    (error: unknown) => {
      logger.error('the relay could not stop in order', { error });
      process.exit(1);
    },
  );
});
