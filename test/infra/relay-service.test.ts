import { describe, expect, it } from 'vitest';
import { diagnosticsSettings } from '../../src/observability/settings.ts';
import { relaySettings } from '../../xds-relay/settings.ts';
import { resourceIn, resourcesOf } from './resources.ts';
import { readTemplate } from './template.ts';

const relay = readTemplate('relay.yml');
const { Parameters, Mappings } = relay;
const service = resourceIn(relay, 'Service').Properties;
const task = resourceIn(relay, 'TaskDefinition').Properties;
const [container] = Array.isArray(task.ContainerDefinitions) ? task.ContainerDefinitions : [];

/** What stands for functions of CloudFormation where only names and forms matter. */
function plain(value: unknown): string {
  if (typeof value === 'string') return value;
  const { Ref: parameter, 'Fn::If': choice } = Object(value);
  return choice === undefined ? String(Parameters[parameter]?.Default ?? 'imported') : plain(choice[2]);
}

describe('a task', () => {
  it('runs on Graviton, as nobody, and writes to no file', () => {
    expect(task).toMatchObject({
      RequiresCompatibilities: ['FARGATE'],
      RuntimePlatform: { CpuArchitecture: 'ARM64', OperatingSystemFamily: 'LINUX' },
    });
    expect(task).not.toHaveProperty('Volumes');
    expect(container).toMatchObject({
      User: '65532:65532',
      ReadonlyRootFilesystem: true,
      LinuxParameters: { Capabilities: { Drop: ['ALL'] } },
    });
    expect(container).not.toHaveProperty('Privileged');
    expect(service.EnableExecuteCommand).toBe(false);
  });

  it('has longer to stop than its drain takes, and no more than Fargate gives', () => {
    const { StopTimeout: stopSeconds } = Object(container);
    const { MaxValue: longestDrain, Default: drain } = Object(Parameters.DrainSeconds);
    // What it still has to write after the last proxy.
    expect(stopSeconds).toBeGreaterThanOrEqual(longestDrain + 20);
    expect(stopSeconds).toBeLessThanOrEqual(120);
    expect(drain).toBe(60);
  });

  it('gets what the relay reads, under the names by which it reads it', () => {
    const environment = Object.fromEntries(
      Object(container).Environment.map(({ Name, Value }: { Name: string; Value: unknown }) => [
        Name,
        plain(Value),
      ]),
    );
    const read = new Set<string>();
    const watched = new Proxy(environment, {
      get(target, property) {
        read.add(String(property));
        return Reflect.get(target, property);
      },
    });
    relaySettings(watched);
    diagnosticsSettings(watched);
    const unread = Object.keys(environment).filter((name) => !read.has(name));
    // Node's own.
    expect(unread).toEqual(['NODE_OPTIONS']);
  });

  it('has no secret in its environment but by reference', () => {
    const { Environment, Secrets } = Object(container);
    const names = (list: readonly { Name: string }[]) => list.map(({ Name }) => Name);
    expect(names(Secrets)).toEqual([
      'KUMULUS_DP_SERVER_TLS_CERT',
      'KUMULUS_DP_SERVER_TLS_KEY',
      'KUMULUS_DP_SERVER_CA',
    ]);
    expect(Secrets.map(({ ValueFrom }: { ValueFrom: unknown }) => Object(ValueFrom)['Fn::Sub'])).toEqual(
      ['certificate', 'key', 'ca'].map((member) => [
        `\${Secret}:${member}::`,
        { Secret: { 'Fn::ImportValue': { 'Fn::Sub': `kumulus-\${Stage}-RelayCertificateArn` } } },
      ]),
    );
    expect(names(Environment).filter((name) => /TLS|TOKEN|SECRET|PASSWORD/.test(name))).toEqual([]);
  });

  it.each(Object.entries(Mappings.Sizes ?? {}))('of the size %s is one that Fargate has', (_size, size) => {
    const memory: Readonly<Record<string, readonly string[]>> = {
      256: ['512', '1024', '2048'],
      512: ['1024', '2048', '3072', '4096'],
      1024: ['2048', '3072', '4096', '5120', '6144', '7168', '8192'],
    };
    expect(memory[String(size.Cpu)]).toContain(size.Memory);
    // Beside the old space: the young one, buffers of sockets, what the program is.
    expect(Number(size.Heap)).toBeLessThan(Number(size.Memory) * 0.75);
    // A third of a MiB a stream, beside 100 MiB of the program itself.
    expect(100 + Number(size.Streams) * 0.33).toBeLessThan(Number(size.Memory));
  });
});

describe('the service', () => {
  it('puts new relays in place before old ones go, and goes back where they do not come up', () => {
    expect(service.DeploymentConfiguration).toEqual({
      MinimumHealthyPercent: 100,
      // Of one relay a half more is none.
      MaximumPercent: { 'Fn::If': ['IsSingle', 200, 150] },
      DeploymentCircuitBreaker: { Enable: true, Rollback: true },
    });
  });

  it('has at least one relay that is not on Spot capacity, and none on it unless told', () => {
    expect(Parameters.Capacity).toMatchObject({ Default: 'on-demand' });
    expect(Mappings.Capacities).toEqual({
      'on-demand': { Base: 1, OnDemand: 1, Spot: 0 },
      mixed: { Base: 1, OnDemand: 1, Spot: 2 },
    });
    const from = (name: string) => ({ 'Fn::FindInMap': ['Capacities', { Ref: 'Capacity' }, name] });
    expect(service.CapacityProviderStrategy).toEqual([
      { CapacityProvider: 'FARGATE', Base: from('Base'), Weight: from('OnDemand') },
      { CapacityProvider: 'FARGATE_SPOT', Weight: from('Spot') },
    ]);
  });

  it('is scaled by the streams that relays tell of', () => {
    const policies = resourcesOf(relay, 'AWS::ApplicationAutoScaling::ScalingPolicy');
    expect(policies.map(([, { Condition }]) => Condition)).toEqual(['IsScaled', 'IsScaled']);
    expect(resourceIn(relay, 'ScalingByStreams').Properties).toMatchObject({
      TargetTrackingScalingPolicyConfiguration: {
        CustomizedMetricSpecification: { Namespace: 'Kumulus', MetricName: 'Streams', Statistic: 'Average' },
        TargetValue: { 'Fn::FindInMap': ['Sizes', { Ref: 'Size' }, 'Streams'] },
      },
    });
    // A deployment must not take back what scaling decided.
    expect(service.DesiredCount).toEqual({
      'Fn::If': ['IsScaled', { Ref: 'AWS::NoValue' }, { 'Fn::If': ['IsSingle', 1, { Ref: 'MinRelays' }] }],
    });
  });
});
