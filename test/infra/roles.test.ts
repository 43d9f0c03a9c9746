import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { resourceIn, resourcesOf, type Statement, statementsIn } from './resources.ts';
import { readTemplate, type Value } from './template.ts';

const data = readTemplate('data.yml');
const relay = readTemplate('relay.yml');

const imported = (name: string) => ({ 'Fn::ImportValue': { 'Fn::Sub': `kumulus-\${Stage}-${name}` } });
const table = imported('TableArn');
const key = imported('SecretsKeyArn');
const tenantRole = imported('TenantRoleArn');
const queues = {
  'Fn::Sub': `arn:\${AWS::Partition}:sqs:\${AWS::Region}:\${AWS::AccountId}:kumulus-\${Stage}-relay-*`,
};
const certificate = imported('RelayCertificateArn');

/** An action on a resource, and why it is needed. */
type Right = readonly [action: string, resource: Value, why: string];

/** All that the roles of the relay stack may do. What is not here, a role must not have; what no role has, must not be here. */
const rights: Readonly<Record<string, readonly Right[]>> = {
  ExecutionRole: [
    ['ecr:GetAuthorizationToken', '*', 'signs in to the registry; the action knows no resources'],
    ['ecr:BatchCheckLayerAvailability', imported('RelayRepositoryArn'), 'pulls the image'],
    ['ecr:BatchGetImage', imported('RelayRepositoryArn'), 'pulls the image'],
    ['ecr:GetDownloadUrlForLayer', imported('RelayRepositoryArn'), 'pulls the image'],
    ['secretsmanager:GetSecretValue', certificate, 'hands the certificate to the task'],
    ['kms:Decrypt', key, 'opens that secret, by way of Secrets Manager and nothing else'],
    ['logs:CreateLogStream', { 'Fn::GetAtt': ['LogGroup', 'Arn'] }, 'one stream a task'],
    ['logs:PutLogEvents', { 'Fn::GetAtt': ['LogGroup', 'Arn'] }, 'writes the log'],
  ],
  TaskRole: [
    ['sts:AssumeRole', tenantRole, "reaches a tenant's items and data keys, one tenant at a time"],
    ['sts:TagSession', tenantRole, 'says for which tenant'],
    ['dynamodb:GetItem', table, "tenants' records"],
    ['dynamodb:BatchGetItem', table, 'heads of many meshes in one request, whosever they are'],
    ['dynamodb:Query', table, "the feed, relays' leases"],
    ['dynamodb:PutItem', table, 'hints, its lease, the list of its meshes'],
    ['dynamodb:DeleteItem', table, 'what is published from the outbox'],
    ['events:PutEvents', imported('EventBusArn'), 'tells tenants what happened'],
    ['sqs:CreateQueue', queues, 'makes its own queue, by which it is told of commits'],
    ['sqs:ReceiveMessage', queues, 'is told of commits'],
    ['sqs:DeleteQueue', queues, 'removes its own queue when it stops'],
    ['sqs:SendMessage', queues, 'tells other relays of what it commits'],
  ],
};

const listed = (statements: readonly Statement[]) =>
  statements.flatMap(({ Action, Resource }) => Action.map((action) => ({ action, resource: Resource })));

describe('roles', () => {
  it('are those that are listed here', () => {
    expect(resourcesOf(relay, 'AWS::IAM::Role').map(([name]) => name)).toEqual(Object.keys(rights));
    // What it may do is in tenant-role.test.ts.
    expect(resourcesOf(data, 'AWS::IAM::Role').map(([name]) => name)).toEqual(['TenantRole']);
    const others = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy', 'AWS::IAM::User', 'AWS::IAM::Group'];
    expect(others.flatMap((type) => [...resourcesOf(relay, type), ...resourcesOf(data, type)])).toEqual([]);
  });

  it.each(Object.entries(rights))(
    '%s has the rights that are listed here, each for a reason',
    (name, list) => {
      const { AssumeRolePolicyDocument: _trust, ...others } = resourceIn(relay, name).Properties;
      const statements = statementsIn(others);
      expect(statements.map(({ Effect }) => Effect)).not.toContain('Deny');
      expect(listed(statements)).toEqual(list.map(([action, resource]) => ({ action, resource })));
      expect(list.filter(([, , why]) => why.length < 10)).toEqual([]);
      // AWS's own policies have more rights than are listed here.
      expect(others).not.toHaveProperty('ManagedPolicyArns');
    },
  );

  it.each(Object.keys(rights))('%s is for tasks of this account', (name) => {
    expect(resourceIn(relay, name).Properties.AssumeRolePolicyDocument).toMatchObject({
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: 'ecs-tasks.amazonaws.com' },
          Action: 'sts:AssumeRole',
          Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
        },
      ],
    });
  });

  it('have the key for one purpose each, by its encryption context', () => {
    const conditionOf = (name: string) =>
      statementsIn(resourceIn(relay, name)).find(({ Action }) => Action.includes('kms:Decrypt'))?.Condition;
    expect(conditionOf('ExecutionRole')).toEqual({
      StringEquals: {
        'kms:ViaService': { 'Fn::Sub': `secretsmanager.\${AWS::Region}.amazonaws.com` },
        'kms:EncryptionContext:SecretARN': certificate,
      },
    });
    // Tenants' data keys go by the tenants' role.
    expect(conditionOf('TaskRole')).toBeUndefined();
  });

  it("reach what is the system's and nobody's, and of tenants the heads of meshes", () => {
    const statements = statementsIn(resourceIn(relay, 'TaskRole'));
    const keys = statements.flatMap(({ Action, Resource, Condition }) =>
      isDeepStrictEqual(Resource, table)
        ? [[Action, Object(Condition?.['ForAllValues:StringLike'])['dynamodb:LeadingKeys']]]
        : [],
    );
    expect(keys).toEqual([
      [['dynamodb:GetItem'], [':system#tenants', ':nobody#*']],
      [['dynamodb:BatchGetItem'], ['*#head/*', ':nobody#*']],
      [['dynamodb:Query'], [':system#feed', ':system#leases', ':nobody#*']],
      [['dynamodb:PutItem'], [':system#feed', ':system#leases', ':system#holdings/*']],
      [['dynamodb:DeleteItem'], [':system#outbox/*']],
    ]);
  });
});

describe('policies of resources', () => {
  it('are those of the key, the topic and the endpoint', () => {
    const with_ = [data, relay].flatMap((template) =>
      Object.entries(template.Resources)
        .filter(([, { Type }]) => Type !== 'AWS::IAM::Role')
        .filter(([, resource]) => statementsIn(resource).length > 0)
        .map(([name]) => name),
    );
    expect(with_).toEqual(['SecretsKey', 'AlarmTopicPolicy', 'TableEndpoint']);
  });

  it('let services use the key for what is of this stage', () => {
    const statements = statementsIn(resourceIn(data, 'SecretsKey'));
    expect(statements.map(({ Sid, Action }) => [Sid, Action])).toEqual([
      // What every key needs so that policies of IAM decide at all.
      ['Account', ['kms:*']],
      // Alarms and budgets publish to the encrypted topic.
      ['AlarmsTopic', ['kms:Decrypt', 'kms:GenerateDataKey']],
      // CloudWatch Logs encrypts the log, and encrypts it anew when the key changes.
      [
        'Logs',
        [
          ...['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncryptFrom', 'kms:ReEncryptTo', 'kms:GenerateDataKey'],
          'kms:DescribeKey',
        ],
      ],
    ]);
    // The key itself is all that `*` can mean in its own policy.
    expect(statements.map(({ Resource }) => Resource)).toEqual(['*', '*', '*']);
    for (const { Sid, Condition } of statements.filter(({ Sid }) => Sid !== 'Account')) {
      const names = Object.values(Condition ?? {}).flatMap((operator) => Object.keys(operator));
      expect(
        names.filter((name) => name.startsWith('kms:EncryptionContext:')),
        Sid,
      ).toHaveLength(1);
    }
    expect(statements[0]?.Principal).toEqual({
      AWS: { 'Fn::Sub': `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:root` },
    });
  });

  it('let alarms and budgets of this account publish', () => {
    expect(statementsIn(resourceIn(data, 'AlarmTopicPolicy'))).toMatchObject([
      {
        Principal: { Service: ['cloudwatch.amazonaws.com', 'budgets.amazonaws.com'] },
        Action: ['sns:Publish'],
        Resource: { Ref: 'AlarmTopic' },
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      },
    ]);
  });

  it('let through the endpoint what the relay and the tenants’ role do with the table, and nothing else', () => {
    const [statement, ...others] = statementsIn(resourceIn(relay, 'TableEndpoint'));
    const roles = [resourceIn(relay, 'TaskRole'), resourceIn(data, 'TenantRole')];
    const wanted = roles
      .flatMap(statementsIn)
      .flatMap(({ Action }) => Action.filter((action) => action.startsWith('dynamodb:')));
    expect(statement).toMatchObject({ Effect: 'Allow', Resource: table });
    expect([...(statement?.Action ?? [])].sort()).toEqual([...new Set(wanted)].sort());
    expect(others).toEqual([]);
  });
});

it('no action has a wildcard but the one of the account in the policy of its key', () => {
  const all = [data, relay].flatMap(({ Resources }) => Object.values(Resources).flatMap(statementsIn));
  const wild = all.flatMap(({ Action }) => Action).filter((action) => action.includes('*'));
  expect(wild).toEqual(['kms:*']);
});
