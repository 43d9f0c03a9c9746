import { parsePolicy, type Statement } from './policy.ts';
import { readRole } from './template.ts';

/** Which resources the statements are about, as ARNs. */
export interface PartResources {
  readonly table: string;
  readonly tenantRole: string;
  readonly eventBus: string;
}

/** Parts of the service, each with a role of its own. */
export type Part = 'api' | 'jobs' | 'admission' | 'relay';

/** Where the role of a part is. */
const places: Readonly<Record<Part, readonly [file: string, role: string]>> = {
  api: ['functions/roles.yml', 'ApiRole'],
  jobs: ['functions/roles.yml', 'JobsRole'],
  admission: ['functions/roles.yml', 'AdmissionRole'],
  relay: ['relay.yml', 'TaskRole'],
};

/** The policy of a part, as its template has it. */
export function partPolicy(part: Part, resources: PartResources): readonly Statement[] {
  const [file, role] = places[part];
  const { policy } = readRole(new URL(`../../../infra/${file}`, import.meta.url), role, {
    'sls:stage': 'test',
    Stage: 'test',
    'AWS::Partition': 'aws',
    'AWS::Region': 'eu-central-1',
    'AWS::AccountId': '000000000000',
    'ApiLogGroup.Arn': 'log',
    'JobsLogGroup.Arn': 'log',
    'AdmissionLogGroup.Arn': 'log',
    'FailedRuns.Arn': 'queue',
    'kumulus-test-TableArn': resources.table,
    'kumulus-test-TenantRoleArn': resources.tenantRole,
    'kumulus-test-EventBusArn': resources.eventBus,
  });
  return parsePolicy(policy);
}
