import type { Statement } from './policy.ts';

/** Which resources the statements are about, as ARNs. */
export interface PartResources {
  readonly table: string;
  readonly tenantRole: string;
  readonly eventBus: string;
}

/** Parts of the service, each with a role of its own. */
export type Part = 'api' | 'jobs' | 'relay';

/** What a part does with the table by itself: partition keys, `*` for any text, by action. */
type SystemAccess = Readonly<Record<string, readonly string[]>>;

const access: Readonly<Record<Part, SystemAccess>> = {
  api: {
    GetItem: [':system#tenants', ':system#idempotency/*', ':nobody#*'],
    BatchGetItem: [':nobody#*'],
    Query: [':system#tenants', ':system#leases', ':nobody#*'],
    PutItem: [':system#tenants', ':system#tenants-deleting', ':system#feed', ':system#idempotency/*'],
    DeleteItem: [':system#outbox/*', ':system#purges', ':system#idempotency/*'],
  },
  jobs: {
    GetItem: [':system#tenants', ':nobody#*'],
    BatchGetItem: [':nobody#*'],
    Query: [
      ':system#tenants-deleting',
      ':system#leases',
      ':system#holdings/*',
      ':system#departures/*',
      ':system#due-folds',
      ':system#purges',
      ':system#outbox/*',
      ':nobody#*',
    ],
    PutItem: [':system#feed', ':system#departures/*'],
    DeleteItem: [
      ':system#tenants',
      ':system#tenants-deleting',
      ':system#leases',
      ':system#holdings/*',
      ':system#departures/*',
      ':system#due-folds',
      ':system#purges',
      ':system#outbox/*',
    ],
  },
  relay: {
    GetItem: [':system#tenants', ':nobody#*'],
    // The heads of all its meshes, whosever they are, in one request.
    BatchGetItem: ['*#head/*', ':nobody#*'],
    Query: [':system#feed', ':system#leases', ':nobody#*'],
    PutItem: [':system#feed', ':system#leases', ':system#holdings/*'],
    DeleteItem: [':system#outbox/*'],
  },
};

/** The policy of a part. */
export function partPolicy(part: Part, { table, tenantRole, eventBus }: PartResources): readonly Statement[] {
  const onTable = Object.entries(access[part]).map(
    ([action, keys]): Statement => ({
      Effect: 'Allow',
      Action: [`dynamodb:${action}`],
      Resource: [table],
      Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [...keys] } },
    }),
  );
  return [
    ...onTable,
    { Effect: 'Allow', Action: ['sts:AssumeRole', 'sts:TagSession'], Resource: [tenantRole] },
    { Effect: 'Allow', Action: ['events:PutEvents'], Resource: [eventBus] },
  ];
}
