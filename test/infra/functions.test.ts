import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { readStage } from '../../dev/deploy/stages.ts';
import { type PackagedTemplate, packageStage } from './packaged.ts';
import { resourceIn, resourcesOf, statementsIn } from './resources.ts';

const names = ['dev', 'staging', 'production'];

const templates = new Map<string, PackagedTemplate>();
let dev: PackagedTemplate;

beforeAll(async () => {
  for (const stage of names) {
    templates.set(stage, await packageStage(stage));
  }
  dev = templateOf('dev');
}, 300_000);

function templateOf(stage: string): PackagedTemplate {
  const template = templates.get(stage);
  if (template === undefined) throw new Error(`${stage} was not packaged`);
  return template;
}

const imported = (name: string, stage = 'dev') => ({ 'Fn::ImportValue': `kumulus-${stage}-${name}` });
const arnOf = (resource: string) => ({ 'Fn::GetAtt': [resource, 'Arn'] });

/** Of relays, which make and name them after themselves. */
const queues = {
  'Fn::Sub': `arn:\${AWS::Partition}:sqs:\${AWS::Region}:\${AWS::AccountId}:kumulus-dev-relay-*`,
};

/** An action on a resource, and why it is needed. */
type Right = readonly [action: string, resource: unknown, why: string];

const tenantsRights: readonly Right[] = [
  [
    'sts:AssumeRole',
    imported('TenantRoleArn'),
    "reaches a tenant's items and data keys, one tenant at a time",
  ],
  ['sts:TagSession', imported('TenantRoleArn'), 'says for which tenant'],
];
const logRights = (group: string): readonly Right[] => [
  ['logs:CreateLogStream', arnOf(group), 'one stream an instance of the function'],
  ['logs:PutLogEvents', arnOf(group), 'writes the log'],
];
const traceRights: readonly Right[] = [
  ['xray:PutTraceSegments', '*', 'tells X-Ray of calls; the action knows no resources'],
  ['xray:PutTelemetryRecords', '*', 'tells X-Ray how many it left out; the action knows no resources'],
];

/** All that the functions may do. What is not here, a role must not have; what no role has, must not be here. */
const rights: Readonly<Record<string, readonly Right[]>> = {
  ApiRole: [
    ...tenantsRights,
    ['dynamodb:GetItem', imported('TableArn'), "tenants' records, what the operator has asked before"],
    ['dynamodb:BatchGetItem', imported('TableArn'), "what is asked for names that are no tenant's"],
    ['dynamodb:Query', imported('TableArn'), "lists tenants for the operator, and relays' leases"],
    ['dynamodb:PutItem', imported('TableArn'), "tenants' records, hints, what the operator asks"],
    [
      'dynamodb:DeleteItem',
      imported('TableArn'),
      'what is published, meshes that are removed, answers that are not kept',
    ],
    ['events:PutEvents', imported('EventBusArn'), 'tells tenants what happened'],
    ['sqs:SendMessage', queues, 'tells relays of commits'],
    ...logRights('ApiLogGroup'),
    ...traceRights,
  ],
  JobsRole: [
    ...tenantsRights,
    ['dynamodb:GetItem', imported('TableArn'), "tenants' records"],
    ['dynamodb:BatchGetItem', imported('TableArn'), 'what is asked for tenants that are gone'],
    ['dynamodb:Query', imported('TableArn'), 'lists of what is due, leases'],
    ['dynamodb:PutItem', imported('TableArn'), 'hints, departures that are put off'],
    [
      'dynamodb:DeleteItem',
      imported('TableArn'),
      'what is done from its list, dead leases, tenants that are deleted',
    ],
    ['events:PutEvents', imported('EventBusArn'), 'publishes what was left unpublished'],
    ['sqs:SendMessage', queues, 'tells relays of commits'],
    ['sqs:DeleteQueue', queues, 'removes the queues of dead relays'],
    ['sqs:SendMessage', arnOf('FailedRuns'), 'runs that failed, which Lambda puts in by this role'],
    ...logRights('JobsLogGroup'),
    ...traceRights,
  ],
  AdmissionRole: [
    ...tenantsRights,
    ['dynamodb:GetItem', imported('TableArn'), "tenants' records"],
    ['dynamodb:BatchGetItem', imported('TableArn'), "what is asked for names that are no tenant's"],
    ['dynamodb:Query', imported('TableArn'), "what is asked for names that are no tenant's"],
    ...logRights('AdmissionLogGroup'),
    ...traceRights,
  ],
};

describe('the roles of the functions', () => {
  it('are one a function, and no others', () => {
    expect(resourcesOf(dev, 'AWS::IAM::Role').map(([name]) => name)).toEqual(Object.keys(rights));
    const others = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy', 'AWS::IAM::User', 'AWS::IAM::Group'];
    expect(others.flatMap((type) => resourcesOf(dev, type))).toEqual([]);
    const used = resourcesOf(dev, 'AWS::Lambda::Function').map(([, { Properties }]) => Properties.Role);
    expect(used).toEqual(['ApiRole', 'AdmissionRole', 'JobsRole'].map(arnOf));
  });

  it.each(Object.entries(rights))(
    '%s has the rights that are listed here, each for a reason',
    (name, list) => {
      const {
        AssumeRolePolicyDocument: trust,
        ManagedPolicyArns: managed,
        ...own
      } = resourceIn(dev, name).Properties;
      const statements = statementsIn(own);
      expect(statements.map(({ Effect }) => Effect)).not.toContain('Deny');
      const found = statements.flatMap(({ Action, Resource }) => Action.map((action) => [action, Resource]));
      expect(found).toEqual(list.map(([action, resource]) => [action, resource]));
      expect(list.filter(([, , why]) => why.length < 10)).toEqual([]);
      // AWS's own policies have more rights than are listed here.
      expect(managed).toBeUndefined();
      expect(statementsIn(trust)).toMatchObject([{ Principal: { Service: 'lambda.amazonaws.com' } }]);
    },
  );

  it.each(Object.keys(rights))('%s reaches no item of a tenant, and no data key', (name) => {
    const statements = statementsIn(resourceIn(dev, name).Properties);
    const onTable = statements.filter(({ Action }) =>
      Action.some((action) => action.startsWith('dynamodb:')),
    );
    for (const { Sid, Condition } of onTable) {
      const keys = Object(Condition?.['ForAllValues:StringLike'])['dynamodb:LeadingKeys'];
      expect(Array.isArray(keys) && keys.length > 0, Sid).toBe(true);
      // No tenant's name begins so.
      expect([keys].flat().filter((key) => !/^:(system|nobody)#/.test(String(key)))).toEqual([]);
    }
    expect(JSON.stringify(statements)).not.toContain('kms:');
  });

  it('have no action with a wildcard, and no resource but where there are none', () => {
    const all = Object.keys(rights).flatMap((name) => statementsIn(resourceIn(dev, name).Properties));
    expect(all.flatMap(({ Action }) => Action).filter((action) => action.includes('*'))).toEqual([]);
    const wide = all.filter(({ Resource }) => JSON.stringify(Resource ?? '').includes('*'));
    // Queues of relays have their ids in their names.
    expect(wide.map(({ Sid }) => Sid)).toEqual([
      ...['QueuesOfRelays', 'Traces'],
      ...['QueuesOfRelays', 'Traces'],
      'Traces',
    ]);
  });
});

describe.each(names)('the functions of %s', (stage) => {
  const { functions: sizes, liveness, logRetentionDays } = readStage('.', stage, 'infra/stages.yml');
  const functions = () => resourcesOf(templateOf(stage), 'AWS::Lambda::Function');

  it('have their own archives, arm64, traces and the sizes of the stage', () => {
    expect(functions().map(([name]) => name)).toEqual([
      'ApiLambdaFunction',
      'AdmissionLambdaFunction',
      'JobsLambdaFunction',
    ]);
    for (const [, { Properties }] of functions()) {
      expect(Properties).toMatchObject({
        Runtime: 'nodejs22.x',
        Architectures: ['arm64'],
        TracingConfig: { Mode: 'Active' },
        FunctionName: expect.stringMatching(`^kumulus-${stage}-`),
      });
    }
    const archives = functions().map(([, { Properties }]) => String(Object(Properties.Code).S3Key));
    expect(archives.map((key) => key.split('/').at(-1))).toEqual(['api.zip', 'admission.zip', 'jobs.zip']);
    const [api, admission, jobs] = functions().map(([, { Properties }]) => Properties);
    expect(api).toMatchObject({
      MemorySize: sizes.apiMemory,
      ReservedConcurrentExecutions: sizes.apiConcurrency,
    });
    expect(admission).toMatchObject({
      MemorySize: sizes.admissionMemory,
      ReservedConcurrentExecutions: sizes.admissionConcurrency,
      // Kubernetes waits no longer unless told.
      Timeout: 10,
    });
    expect(jobs).toMatchObject({ MemorySize: sizes.jobsMemory, ReservedConcurrentExecutions: 1 });
  });

  it('are told where things are, and no secret', () => {
    for (const [, { Properties }] of functions()) {
      const { Variables: variables } = Object(Properties.Environment);
      expect(variables).toMatchObject({
        KUMULUS_TABLE: imported('TableName', stage),
        KUMULUS_KMS_KEY: imported('SecretsKeyArn', stage),
        KUMULUS_EVENT_BUS: imported('EventBusName', stage),
        KUMULUS_TENANT_ROLE: imported('TenantRoleArn', stage),
        KUMULUS_BASE_DOMAIN: { Ref: 'Domain' },
        // The relays get the same (test/dev/deploy-parameters.test.ts).
        KUMA_METRICS_DATAPLANE_IDLE_TIMEOUT: liveness.dataplaneIdleTimeout,
        KUMA_RUNTIME_UNIVERSAL_DATAPLANE_CLEANUP_AGE: liveness.dataplaneCleanupAge,
        KUMA_RUNTIME_UNIVERSAL_ZONE_RESOURCE_CLEANUP_AGE: liveness.zoneResourceCleanupAge,
      });
      // Of a secret there may be its hash.
      const secretive = Object.keys(variables).filter((name) => /TOKEN|SECRET|PASSWORD|PRIVATE/.test(name));
      expect(secretive.filter((name) => !name.endsWith('_SHA256'))).toEqual([]);
    }
  });

  it('are called by their alias `live` only, behind which versions stay', () => {
    const template = templateOf(stage);
    expect(
      resourcesOf(template, 'AWS::Lambda::Version').map(([, { DeletionPolicy }]) => DeletionPolicy),
    ).toEqual(['Retain', 'Retain', 'Retain']);
    const aliases = resourcesOf(template, 'AWS::Lambda::Alias').map(([, { Properties }]) => Properties);
    expect(aliases.map(({ Name, FunctionName }) => [Name, FunctionName])).toEqual([
      ['live', { Ref: 'ApiLambdaFunction' }],
      ['live', { Ref: 'AdmissionLambdaFunction' }],
      ['live', { Ref: 'JobsLambdaFunction' }],
    ]);
    const live = (name: string) => ({ 'Fn::Join': [':', [arnOf(name), 'live']] });
    expect(resourceIn(template, 'HttpApiIntegrationApi').Properties.IntegrationUri).toEqual(
      live('ApiLambdaFunction'),
    );
    expect(resourceIn(template, 'HttpApiIntegrationAdmission').Properties.IntegrationUri).toEqual(
      live('AdmissionLambdaFunction'),
    );
    const [[, rule] = []] = resourcesOf(template, 'AWS::Events::Rule');
    expect(rule?.Properties).toMatchObject({
      ScheduleExpression: 'rate(1 minute)',
      State: 'ENABLED',
      Targets: [{ Arn: live('JobsLambdaFunction') }],
    });
    const callers = resourcesOf(template, 'AWS::Lambda::Permission').map(([, { Properties }]) => Properties);
    expect(callers.map(({ FunctionName, Principal }) => [FunctionName, Principal])).toEqual([
      [live('JobsLambdaFunction'), 'events.amazonaws.com'],
      [live('ApiLambdaFunction'), 'apigateway.amazonaws.com'],
      [live('AdmissionLambdaFunction'), 'apigateway.amazonaws.com'],
    ]);
    expect(callers.filter(({ SourceArn }) => SourceArn === undefined)).toEqual([]);
  });

  it('keep their logs encrypted and for as long as the stage says', () => {
    const logs = resourcesOf(templateOf(stage), 'AWS::Logs::LogGroup').map(
      ([, { Properties }]) => Properties,
    );
    const common = {
      RetentionInDays: logRetentionDays,
      KmsKeyId: imported('SecretsKeyArn', stage),
    };
    // The names are those for which the key lets itself be used.
    expect(logs).toEqual(
      [
        `/aws/lambda/kumulus-${stage}-api`,
        `/aws/lambda/kumulus-${stage}-admission`,
        `/aws/lambda/kumulus-${stage}-jobs`,
        `/kumulus/${stage}/api-access`,
      ].map((LogGroupName) => ({ LogGroupName, ...common })),
    );
  });

  it('are throttled by the stage of the gateway, which logs neither paths, queries nor headers', () => {
    const { DefaultRouteSettings: route, AccessLogSettings: log } = resourceIn(
      templateOf(stage),
      'HttpApiStage',
    ).Properties;
    expect(route).toEqual({
      DetailedMetricsEnabled: false,
      ThrottlingRateLimit: sizes.apiRequestsPerSecond,
      ThrottlingBurstLimit: sizes.apiBurst,
    });
    const { Format: format } = Object(log);
    expect(Object.keys(JSON.parse(format))).toContain('route');
    // A webhook's path may have a token in it.
    expect(format).not.toMatch(/header|query|authorizer|context\.path|resourcePath/i);
  });

  it('are called for webhooks by their own routes, and for all else by the API', () => {
    const routes = resourcesOf(templateOf(stage), 'AWS::ApiGatewayV2::Route').map(([, { Properties }]) => [
      Properties.RouteKey,
      JSON.stringify(Properties.Target).includes('Admission'),
    ]);
    expect(routes).toEqual([
      ['$default', false],
      ['POST /inject-sidecar', true],
      ['POST /inject-sidecar/{rest+}', true],
      ['POST /tenants/{tenant}/api/inject-sidecar', true],
      ['POST /tenants/{tenant}/api/inject-sidecar/{rest+}', true],
    ]);
  });

  it('leave nothing public but the API', () => {
    const template = templateOf(stage);
    expect(resourcesOf(template, 'AWS::Lambda::Url')).toEqual([]);
    const [[, bucket] = []] = resourcesOf(template, 'AWS::S3::Bucket');
    expect(bucket?.Properties).toMatchObject({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
  });
});

describe('runs of the jobs that fail', () => {
  it('are not made up for, and go into a queue, whoever could not begin or end them', () => {
    expect(resourceIn(dev, 'JobsLambdaEvConf').Properties).toMatchObject({
      Qualifier: 'live',
      MaximumRetryAttempts: 0,
      DestinationConfig: { OnFailure: { Destination: arnOf('FailedRuns') } },
    });
    const [[, rule] = []] = resourcesOf(dev, 'AWS::Events::Rule');
    expect(rule?.Properties).toMatchObject({
      Name: 'kumulus-dev-jobs-every-minute',
      Targets: [{ DeadLetterConfig: { Arn: arnOf('FailedRuns') }, RetryPolicy: { MaximumRetryAttempts: 0 } }],
    });
  });

  it('lie encrypted in a queue that the schedule may write to, over TLS', () => {
    expect(resourceIn(dev, 'FailedRuns').Properties).toMatchObject({ SqsManagedSseEnabled: true });
    expect(statementsIn(resourceIn(dev, 'FailedRunsPolicy').Properties)).toMatchObject([
      {
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: ['sqs:SendMessage'],
        Resource: arnOf('FailedRuns'),
        Condition: {
          ArnLike: { 'aws:SourceArn': { 'Fn::Sub': expect.stringMatching(/:rule\/kumulus-dev-jobs-\*$/) } },
        },
      },
      { Effect: 'Deny', Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
    ]);
  });
});

describe('the alarms of the functions', () => {
  const runbooks = [...readFileSync('docs/operations.md', 'utf8').matchAll(/^### ([\w-]+)$/gm)].map(
    ([, title]) => title?.toLowerCase(),
  );
  const alarms = () =>
    resourcesOf(dev, 'AWS::CloudWatch::Alarm').map(([name, { Properties }]) => ({ name, alarm: Properties }));

  it('tell those who look after it, when they come and when they go', () => {
    const told = [imported('AlarmTopicArn')];
    for (const { name, alarm } of alarms()) {
      expect(alarm, name).toMatchObject({ AlarmActions: told, OKActions: told });
    }
  });

  it('say where it is told what to do', () => {
    expect(alarms()).toHaveLength(9);
    for (const { name, alarm } of alarms()) {
      expect(runbooks, name).toContain(
        /\. docs\/operations\.md#([\w-]+)$/.exec(String(alarm.AlarmDescription))?.[1],
      );
    }
  });

  it('tell of silence where silence is what is wrong', () => {
    const heard = alarms().filter(({ alarm }) => alarm.TreatMissingData === 'breaching');
    expect(heard.map(({ name }) => name)).toEqual(['JobsStandStill']);
  });
});

describe('the domain', () => {
  it('has an entry for the operator and one for all tenants, with TLS 1.2 at least', () => {
    const configurations = [{ SecurityPolicy: 'TLS_1_2', EndpointType: 'REGIONAL' }];
    expect(resourcesOf(dev, 'AWS::ApiGatewayV2::DomainName').map(([, resource]) => resource)).toMatchObject([
      {
        Condition: 'HasDomain',
        Properties: { DomainName: { Ref: 'Domain' }, DomainNameConfigurations: configurations },
      },
      {
        Condition: 'HasDomain',
        Properties: { DomainName: { 'Fn::Sub': `*.\${Domain}` }, DomainNameConfigurations: configurations },
      },
    ]);
    expect(resourceIn(dev, 'HttpApi').Properties.DisableExecuteApiEndpoint).toEqual({
      'Fn::If': ['HasDomain', true, false],
    });
  });
});

it('a deployment that is tried first leaves `live` where it is', async () => {
  const template = await packageStage('dev', { KUMULUS_LIVE_API: '41' });
  expect(resourceIn(template, 'ApiLiveAlias').Properties.FunctionVersion).toBe('41');
  expect(resourceIn(template, 'JobsLiveAlias').Properties.FunctionVersion).toEqual({
    'Fn::GetAtt': [expect.stringMatching(/^JobsLambdaVersion/), 'Version'],
  });
  // The same archives, so the same versions: nothing is published anew where nothing has changed.
  const versions = (packaged: PackagedTemplate) =>
    resourcesOf(packaged, 'AWS::Lambda::Version').map(([name]) => name);
  expect(versions(template).sort()).toEqual([...versions(dev)].sort());
}, 60_000);
