import type { Author } from '../../model/author.ts';
import type { TenantId } from '../../model/tenant.ts';
import type { AuditDraft } from '../../store/audit/audit-record.ts';
import type { Trail } from '../../store/trail.ts';
import type { TenantRecord } from '../../tenancy/tenant-record.ts';
import { requestAuthor } from '../request-author.ts';
import type { ApiContext } from '../routing.ts';
import { tokenRecord } from '../token-record.ts';

/** Whom changes by those who run the deployment are put down to. */
const operator = { name: 'mesh-system:operator', groups: [] };

/** Records in a tenant's audit trail what its operator did to it. */
export interface TenantRecords {
  /** Nothing is recorded where nothing has changed. */
  changed(
    context: ApiContext,
    tenant: TenantId,
    before: TenantRecord | undefined,
    after: TenantRecord,
  ): Promise<void>;
  issued(context: ApiContext, tenant: TenantId, name: string, token: string): Promise<void>;
}

/** Creates the part that records; a tenant's order to be deleted is an update of its state. */
export function createTenantRecords(
  trail: Trail,
  peerAddressOf: (context: ApiContext) => string | undefined,
): TenantRecords {
  const authorOf = (context: ApiContext): Author =>
    requestAuthor(operator, peerAddressOf(context), context.get('requestId'));
  return {
    async changed(context, tenant, before, after) {
      if (before?.version === after.version) {
        return;
      }
      const draft: AuditDraft = {
        author: authorOf(context),
        action: before === undefined ? 'CREATE' : 'UPDATE',
        type: 'Tenant',
        mesh: '',
        name: tenant,
        version: after.version,
        ...(before !== undefined && { before: JSON.stringify(before) }),
        after: JSON.stringify(after),
      };
      await trail.append(tenant, draft);
    },
    async issued(context, tenant, name, token) {
      const subject = { type: 'UserToken', mesh: '', name } as const;
      await trail.append(tenant, tokenRecord(subject, token, authorOf(context)));
    },
  };
}
