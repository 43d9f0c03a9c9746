import { type TenantId, tenantId } from '../model/tenant.ts';
import type { DueFold, DueFolds } from './due-folds.ts';
import { pagesOf } from './pages.ts';
import { ConditionFailedError, type Item, type ItemStore, type Operation, systemOwner } from './port.ts';

/*
 * One partition of the system's: <minute when it is due>/<tenant>/<mesh>. What is due at once is in minute 0 and what
 * is due later at a full hour, so that a mesh that keeps changing has two entries at the most.
 */
const partition = 'due-folds';
const pageSize = 100;
const minuteDigits = 10;
const minuteMs = 60_000;
const hourMinutes = 60;

/** When a mesh is to be folded: `'now'`, or from some time on, in milliseconds since 1970. */
export type FoldTime = 'now' | number;

/** The operation that enters a mesh, for the transaction of the commit that reaches `revision`. */
export function enterDueFold(tenant: TenantId, mesh: string, revision: number, time: FoldTime): Operation {
  const minute = time === 'now' ? 0 : Math.ceil(time / minuteMs / hourMinutes) * hourMinutes;
  const item = { partition, sort: `${minuteText(minute)}/${tenant}/${mesh}`, version: revision, value: '' };
  return { kind: 'put', owner: systemOwner, item };
}

/** Creates the list on the table. */
export function createDueFolds(items: ItemStore): DueFolds {
  return {
    async *due(now) {
      const last = minuteText(Math.floor(now / minuteMs));
      // At half the price: what was entered within the last second is found by the next run.
      const query = { partition, limit: pageSize, eventual: true } as const;
      for await (const page of pagesOf(items, systemOwner, query)) {
        const due = page.filter(({ sort }) => sort.slice(0, minuteDigits) <= last);
        if (due.length > 0) {
          yield due.map(decode);
        }
        if (due.length < page.length) {
          return;
        }
      }
    },
    async settle({ sort, version }) {
      try {
        await items.transact(systemOwner, [
          { kind: 'delete', key: { partition, sort }, condition: { version } },
        ]);
      } catch (error) {
        // Entered anew, or settled by another.
        if (!(error instanceof ConditionFailedError)) {
          throw error;
        }
      }
    },
  };
}

function minuteText(minute: number): string {
  return String(minute).padStart(minuteDigits, '0');
}

function decode({ sort, version }: Item): DueFold {
  const [, tenant = '', ...mesh] = sort.split('/');
  return { tenant: tenantId(tenant), mesh: mesh.join('/'), sort, version };
}
