import * as z from 'zod';
import { ask, askQuery, get } from './emulated.ts';

/** What is left of a stage that was removed with its data. */
export const nothing = {
  ...{ tables: [], functions: [], buckets: [], rules: [], buses: ['default'], secrets: [], apis: [] },
  ...{ queues: [], clusters: [], balancers: [], networks: 0, roles: [], logs: [], keys: [] },
};

/** What is there of everything that a deployment makes. */
export async function leftOver(endpoint: string) {
  const list = async (service: Parameters<typeof ask>[1], action: string, member: string, name = '') => {
    const items: unknown = Object(await ask(endpoint, service, action))[member];
    return z
      .array(z.unknown())
      .parse(items)
      .map((item) => (name === '' ? item : Object(item)[name]));
  };
  const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, found]) => found);
  const networks = await askQuery(endpoint, 'ec2', 'DescribeVpcs', '2016-11-15');
  const keys = await list('kms', 'ListKeys', 'Keys', 'KeyId');
  const states = await Promise.all(keys.map((KeyId) => ask(endpoint, 'kms', 'DescribeKey', { KeyId })));
  return {
    tables: await list('dynamodb', 'ListTables', 'TableNames'),
    functions: all(await get(endpoint, 'lambda', '/2015-03-31/functions'), /"FunctionName": ?"([^"]+)"/g),
    buckets: all(await get(endpoint, 's3', '/'), /<Bucket>.*?<Name>([^<]+)/g),
    rules: await list('events', 'ListRules', 'Rules', 'Name'),
    buses: await list('events', 'ListEventBuses', 'EventBuses', 'Name'),
    secrets: await list('secretsmanager', 'ListSecrets', 'SecretList', 'Name'),
    apis: all(await get(endpoint, 'apigateway', '/v2/apis'), /"apiId": ?"([^"]+)"/gi),
    queues: all(await askQuery(endpoint, 'sqs', 'ListQueues', '2012-11-05'), /<QueueUrl>([^<]+)/g),
    clusters: await list('ecs', 'ListClusters', 'clusterArns'),
    balancers: all(
      await askQuery(endpoint, 'elasticloadbalancing', 'DescribeLoadBalancers', '2015-12-01'),
      /<LoadBalancerName>([^<]+)/g,
    ),
    networks: all(networks, /<cidrBlock>(10\.78[^<]+)/g).length,
    roles: all(await askQuery(endpoint, 'iam', 'ListRoles', '2010-05-08'), /<RoleName>(kumulus[^<]+)/g),
    logs: await list('logs', 'DescribeLogGroups', 'logGroups', 'logGroupName'),
    // One that is to be deleted can still be kept, for a month.
    keys: states
      .map((state) => Object(Object(state).KeyMetadata).KeyState)
      .filter((state) => state !== 'PendingDeletion'),
  };
}
