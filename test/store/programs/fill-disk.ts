import { isKumulusError } from '../../../src/model/errors.ts';
import { tenantId } from '../../../src/model/tenant.ts';
import { createEmbeddedStore } from '../../../src/store/embedded/embedded-store.ts';

/** Writes into the folder of its first argument until that fails, then deletes, writes something small and ends. */
const store = createEmbeddedStore({ path: process.argv[2] ?? '' });
const tenant = tenantId('acme');
const value = 'x'.repeat(100_000);
const attempt = async (name: string, work: Promise<void>) => {
  try {
    await work;
    return true;
  } catch (error) {
    process.stdout.write(`${name} ${isKumulusError(error) ? error.code : String(error)}\n`);
    return false;
  }
};
const item = (sort: string) => ({ partition: 'p', sort, version: 1, value });

let written = 0;
while (await attempt('put', store.transact(tenant, [{ kind: 'put', item: item(`n-${written}`) }]))) {
  written += 1;
}
await Promise.all([
  attempt('put', store.transact(tenant, [{ kind: 'put', item: item('late-1') }])),
  attempt('put', store.transact(tenant, [{ kind: 'put', item: item('late-2') }])),
]);
const { items } = await store.query(tenant, { partition: 'p' });
process.stdout.write(`kept ${items.length === written}\n`);
await attempt('delete', store.transact(tenant, [{ kind: 'delete', key: { partition: 'p', sort: 'n-0' } }]));
await attempt('put', store.transact(tenant, [{ kind: 'put', item: { ...item('small'), value: 'small' } }]));
await store.close();
process.stdout.write(`closed ${written}\n`);
