import type { TenantId } from '../../model/tenant.ts';
import type { Before } from './commit-draft.ts';

/** Knows how far this process has moved heads, so that it does not try to write from what it has itself outdated. */
export interface WrittenHeads {
  /** The heads of `before` were moved on by one. */
  written(tenant: TenantId, before: Before): void;
  /** Whether this process has moved none of these heads since they were read. */
  isNewest(tenant: TenantId, before: Before | undefined): boolean;
}

/** @param limit of heads that are remembered; of what is forgotten an attempt is made for nothing. */
export function createWrittenHeads(limit = 10_000): WrittenHeads {
  const versions = new Map<string, number>();
  const nameOf = (tenant: TenantId, scope: string) => `${tenant}/${scope}`;
  return {
    written(tenant, { heads }) {
      for (const [scope, { itemVersion = 0 }] of heads) {
        const name = nameOf(tenant, scope);
        versions.delete(name);
        versions.set(name, itemVersion + 1);
        const oldest = versions.keys().next();
        if (versions.size > limit && oldest.done === false) {
          versions.delete(oldest.value);
        }
      }
    },
    isNewest(tenant, before) {
      return [...(before?.heads ?? [])].every(
        ([scope, { itemVersion = 0 }]) => itemVersion >= (versions.get(nameOf(tenant, scope)) ?? 0),
      );
    },
  };
}
