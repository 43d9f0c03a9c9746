import { randomUUID } from 'node:crypto';
import { apiFunctionSettings } from '../functions/settings.ts';
import { createCloudStores } from '../functions/stores.ts';
import { resealSecrets } from '../src/jobs/reseal-secrets.ts';
import { silentLogger } from '../src/model/ports.ts';
import { tenantId } from '../src/model/tenant.ts';
import { resourceType } from '../src/policies/registry.ts';

const usage = `Seals the secrets of all tenants anew, after the master key was replaced (docs/operations.md).

  KUMULUS_TABLE=… KUMULUS_KMS_KEY=<new> KUMULUS_PREVIOUS_KMS_KEYS=<old> [KUMULUS_EVENT_BUS=…] npm run reseal

It needs the right to read and write the table, and to use both keys. It may be interrupted and run again.`;

const pageSize = 100;

/** All tenants but those that are on their way: what is being made is sealed under the new key, what is being deleted goes. */
async function run(): Promise<void> {
  const settings = apiFunctionSettings(process.env);
  const { resources, tenants } = createCloudStores({
    ...settings,
    waitsForEvents: true,
    clock: Date.now,
    ids: randomUUID,
    logger: silentLogger,
  });
  const isSecret = (type: string) => resourceType(type)?.secret === true;
  let after: string | undefined = '';
  while (after !== undefined) {
    const page = await tenants.directory.page({ after, limit: pageSize });
    for (const { id, state } of page.records) {
      if (state === 'active' || state === 'suspended') {
        const count = await resealSecrets({ resources, isSecret }, tenantId(id));
        console.log(`${id}: ${count} secrets`);
      }
    }
    after = page.next;
  }
}

if (process.argv.includes('--help')) {
  console.log(usage);
} else {
  run().then(
    () => process.exit(0),
    (error: unknown) => {
      console.error(error instanceof Error ? error.message : String(error));
      process.exit(1);
    },
  );
}
