import * as z from 'zod';
import type { Identities, Role } from '../support/iam/gateway.ts';
import { parsePolicy } from '../support/iam/policy.ts';
import { ask, askQuery, get } from './emulated.ts';

const functionSchema = z.object({ Role: z.string() });
const taskSchema = z.object({ taskDefinition: z.object({ taskRoleArn: z.string() }) });

/**
 * The roles of a deployment as they were deployed: functions and relays are known by their names, `kumulus-<stage>-<part>`, which
 * they have for access keys.
 */
export function deployedIdentities(target: Promise<string>): Identities {
  // A deployment changes no policy of a role while it runs here.
  const roles = new Map<string, Promise<Role | undefined>>();
  const role = (arn: string) => {
    const known = roles.get(arn) ?? target.then((endpoint) => readRole(endpoint, arn));
    roles.set(arn, known);
    return known;
  };
  return {
    role,
    async process(accessKey) {
      if (!accessKey.startsWith('kumulus-')) return undefined;
      const endpoint = await target;
      if (accessKey.endsWith('-relay')) {
        const task = await ask(endpoint, 'ecs', 'DescribeTaskDefinition', { taskDefinition: accessKey });
        return role(taskSchema.parse(task).taskDefinition.taskRoleArn);
      }
      const configuration = await get(endpoint, 'lambda', `/2015-03-31/functions/${accessKey}/configuration`);
      return role(functionSchema.parse(JSON.parse(configuration)).Role);
    },
  };
}

async function readRole(endpoint: string, arn: string): Promise<Role | undefined> {
  const RoleName = arn.slice(arn.lastIndexOf('/') + 1);
  const iam = (action: string, parameters: Readonly<Record<string, string>>) =>
    askQuery(endpoint, 'iam', action, '2010-05-08', { RoleName, ...parameters });
  const role = await iam('GetRole', {});
  const names = [...(await iam('ListRolePolicies', {})).matchAll(/<member>([^<]+)<\/member>/g)];
  const policies = await Promise.all(
    names.map(([, PolicyName = '']) => iam('GetRolePolicy', { PolicyName })),
  );
  return {
    arn,
    trust: document(role, 'AssumeRolePolicyDocument'),
    policy: policies.flatMap((policy) => document(policy, 'PolicyDocument')),
  };
}

/** IAM tells policies as JSON, encoded as in addresses. */
function document(xml: string, element: string) {
  const [, text = ''] = new RegExp(`<${element}>([^<]+)</${element}>`).exec(xml) ?? [];
  const json = text.startsWith('%') ? decodeURIComponent(text) : text.replaceAll('&quot;', '"');
  return parsePolicy(JSON.parse(json));
}
