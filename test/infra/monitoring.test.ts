import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { cloudWatchMetrics, cloudWatchNamespace } from '../../src/observability/cloudwatch-report.ts';
import { resourceIn, resourcesOf } from './resources.ts';
import { readTemplate } from './template.ts';

const data = readTemplate('data.yml');
const relay = readTemplate('relay.yml');
const topics = {
  'data.yml': { Ref: 'AlarmTopic' },
  'relay.yml': { 'Fn::ImportValue': { 'Fn::Sub': `kumulus-\${Stage}-AlarmTopicArn` } },
};

/** Metrics of AWS that are used, as its documentation names them, with the dimensions that they have there. */
const known: Readonly<
  Record<string, { readonly metrics: readonly string[]; readonly dimensions: readonly string[] }>
> = {
  [cloudWatchNamespace]: { metrics: Object.keys(cloudWatchMetrics), dimensions: ['Stage'] },
  'AWS/DynamoDB': {
    metrics: [
      ...[
        'ConsumedReadCapacityUnits',
        'ConsumedWriteCapacityUnits',
        'ReadThrottleEvents',
        'WriteThrottleEvents',
      ],
    ],
    dimensions: ['TableName'],
  },
  'AWS/ECS': { metrics: ['CPUUtilization', 'MemoryUtilization'], dimensions: ['ClusterName', 'ServiceName'] },
  'AWS/Lambda': {
    metrics: ['Invocations', 'Errors', 'Throttles', 'Duration'],
    dimensions: ['FunctionName'],
  },
  'AWS/NetworkELB': {
    metrics: ['ActiveFlowCount', 'NewFlowCount', 'TCP_Target_Reset_Count', 'HealthyHostCount'],
    dimensions: ['LoadBalancer', 'TargetGroup'],
  },
};

const alarmSchema = z.object({
  AlarmName: z.object({ 'Fn::Sub': z.string().startsWith(`kumulus-\${Stage}-`) }),
  AlarmDescription: z.string(),
  Namespace: z.string(),
  MetricName: z.string(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.unknown() })).min(1),
  TreatMissingData: z.enum(['breaching', 'notBreaching']),
  AlarmActions: z.array(z.unknown()),
  OKActions: z.array(z.unknown()),
});

const alarms = Object.entries({ 'data.yml': data, 'relay.yml': relay }).flatMap(([file, template]) =>
  resourcesOf(template, 'AWS::CloudWatch::Alarm').map(([name, { Properties }]) => ({
    name,
    topic: Object(topics)[file],
    ...alarmSchema.parse(Properties),
  })),
);

const runbooks = [...readFileSync('docs/operations.md', 'utf8').matchAll(/^### (\w+)$/gm)].map(
  ([, heading]) => heading?.toLowerCase(),
);

describe('alarms', () => {
  it.each(alarms)('$name looks at a metric that there is', ({ Namespace, MetricName, Dimensions }) => {
    expect(known[Namespace]?.metrics).toContain(MetricName);
    for (const { Name } of Dimensions) {
      expect(known[Namespace]?.dimensions).toContain(Name);
    }
  });

  it.each(alarms)('$name tells those who look after it, when it comes and when it goes', (alarm) => {
    expect([alarm.AlarmActions, alarm.OKActions]).toEqual([[alarm.topic], [alarm.topic]]);
  });

  it.each(alarms)('$name says what to do', ({ AlarmDescription }) => {
    const runbook = /\. docs\/operations\.md#(\w+)$/.exec(AlarmDescription)?.[1];
    expect(runbooks).toContain(runbook);
  });

  it('tell of a stage that tells of nothing', () => {
    const heard = alarms.filter(({ TreatMissingData }) => TreatMissingData === 'breaching');
    expect(heard.map(({ name }) => name)).toEqual(['NoRelay', 'RelaysMissing']);
  });
});

const dashboardSchema = z.strictObject({
  widgets: z.array(
    z.strictObject({
      type: z.literal('metric'),
      ...{ x: z.number(), y: z.number(), width: z.number(), height: z.number() },
      properties: z.object({
        title: z.string().min(3),
        region: z.literal(`\${AWS::Region}`),
        metrics: z.array(z.array(z.union([z.string(), z.object({ label: z.string() })]))).min(1),
      }),
    }),
  ),
});

describe('docs/operations.md', () => {
  const document = readFileSync('docs/operations.md', 'utf8');
  const rows = [...document.matchAll(/^\| `([\w-]+)` +\| ([^|]+?) +\| ([^|]+?) +\|$/gm)];

  it.each(alarms)('tells of $name and its runbook', ({ AlarmName, AlarmDescription }) => {
    const slug = AlarmName['Fn::Sub'].split('}-')[1];
    const [, , , runbook] = rows.find(([, name]) => name === slug) ?? [];
    expect(AlarmDescription.endsWith(`#${runbook?.toLowerCase()}`), `${slug}: ${runbook}`).toBe(true);
  });

  it.each(Object.entries(cloudWatchMetrics))('tells of %s', (metric, unit) => {
    expect(rows.find(([, name]) => name === metric)?.[2]).toBe(unit);
  });
});

describe('the dashboard', () => {
  const [body, names] = z
    .tuple([z.string(), z.record(z.string(), z.unknown())])
    .parse(Object(resourceIn(relay, 'Dashboard').Properties.DashboardBody)['Fn::Sub']);
  const { widgets } = dashboardSchema.parse(JSON.parse(body));

  it.each(widgets.map(({ properties }) => properties))(
    '$title shows metrics that there are',
    ({ metrics }) => {
      for (const metric of metrics) {
        const [namespace = '', name, ...dimensions] = metric.filter((one) => typeof one === 'string');
        expect(known[namespace]?.metrics).toContain(name);
        expect(known[namespace]?.dimensions).toContain(dimensions[0]);
        expect(dimensions.length % 2).toBe(0);
      }
    },
  );

  it('has only names in it that CloudFormation knows', () => {
    const used = [...body.matchAll(/\$\{([^}]+)\}/g)].map(([, name = '']) => name.split('.')[0] ?? '');
    const there = [...Object.keys(relay.Resources), ...Object.keys(relay.Parameters), ...Object.keys(names)];
    expect(used.filter((name) => name !== 'AWS::Region' && !there.includes(name))).toEqual([]);
  });

  it('has no two widgets in one place', () => {
    const places = widgets.map(({ x, y }) => `${x}/${y}`);
    expect(new Set(places).size).toBe(places.length);
  });
});

it('a budget tells before its money is spent', () => {
  expect(resourceIn(data, 'Budget')).toMatchObject({
    Condition: 'HasBudget',
    Properties: {
      NotificationsWithSubscribers: [
        { Notification: { NotificationType: 'ACTUAL', Threshold: 80 } },
        { Notification: { NotificationType: 'FORECASTED', Threshold: 100 } },
      ],
    },
  });
});
