import type { TenantLookup } from '../../src/tenancy/tenant-lookup.ts';
import type { Tenants } from '../../src/tenancy/tenants.ts';

export interface DeletionsDeps {
  readonly lookup: Pick<TenantLookup, 'find' | 'onChange'>;
  readonly lifeCycle: Pick<Tenants, 'removeDeleted'>;
  readonly quarantineMs: number;
}

/** Removes what a tenant had as soon as it is ordered, and the rest when it may be; in the cloud the schedule does it. */
export function followDeletions({ lookup, lifeCycle, quarantineMs }: DeletionsDeps): () => Promise<void> {
  const timers = new Set<NodeJS.Timeout>();
  let running: Promise<void> = Promise.resolve();
  const run = () => {
    running = running.then(() => lifeCycle.removeDeleted()).catch(() => undefined);
  };
  const unsubscribe = lookup.onChange((tenant) => {
    void lookup.find(tenant).then((record) => {
      if (record?.state === 'deleting') {
        run();
        const timer = setTimeout(() => {
          timers.delete(timer);
          run();
        }, quarantineMs);
        timers.add(timer);
      }
    });
  });
  return async () => {
    unsubscribe();
    for (const timer of timers) {
      clearTimeout(timer);
    }
    await running;
  };
}
