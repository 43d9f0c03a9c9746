import { describe, expect, it } from 'vitest';
import { defaultRelaySettings } from '../../src/xds/server/settings.ts';
import { resourceIn, resourcesOf } from './resources.ts';
import { readTemplate } from './template.ts';

const relay = readTemplate('relay.yml');
const { Parameters } = relay;

/** What lets connections in, by security group: where from, and to which ports. */
function doors(group: string) {
  const { SecurityGroupIngress: rules } = resourceIn(relay, group).Properties;
  if (!Array.isArray(rules)) throw new Error(`${group} has no rules`);
  return rules.map((rule: unknown) => {
    const [, optional] = Object(rule)['Fn::If'] ?? [];
    const { FromPort, ToPort, IpProtocol, CidrIp, SourceSecurityGroupId } = Object(optional ?? rule);
    return { from: CidrIp ?? SourceSecurityGroupId, ports: [FromPort, ToPort], IpProtocol };
  });
}

describe('the network', () => {
  it('is open to the world for 5678 alone, at the load balancer', () => {
    expect(doors('BalancerSecurityGroup')).toEqual([
      { from: { Ref: 'ProxyCidr' }, ports: [5678, 5678], IpProtocol: 'tcp' },
    ]);
    expect(doors('RelaySecurityGroup')).toEqual([
      { from: { Ref: 'BalancerSecurityGroup' }, ports: [5678, 5678], IpProtocol: 'tcp' },
      { from: { Ref: 'ScraperCidr' }, ports: [5680, 5680], IpProtocol: 'tcp' },
    ]);
    expect(resourcesOf(relay, 'AWS::EC2::SecurityGroup')).toHaveLength(2);
    expect(resourcesOf(relay, 'AWS::EC2::SecurityGroupIngress')).toEqual([]);
    // Nobody scrapes unless told, and then nothing listens either.
    expect(Parameters.ScraperCidr).toMatchObject({ Default: '' });
  });

  it('lets the load balancer reach relays, and relays reach AWS, over TLS', () => {
    const ways = ['BalancerSecurityGroup', 'RelaySecurityGroup'].map(
      (group) => resourceIn(relay, group).Properties.SecurityGroupEgress,
    );
    expect(ways).toMatchObject([
      [{ FromPort: 5678, ToPort: 5678, CidrIp: { Ref: 'NetworkCidr' } }],
      [{ FromPort: 443, ToPort: 443 }],
    ]);
  });

  it('has a listener for 5678 alone, which passes TLS through', () => {
    expect(resourcesOf(relay, 'AWS::ElasticLoadBalancingV2::Listener')).toMatchObject([
      ['Listener', { Properties: { Protocol: 'TCP', Port: 5678 } }],
    ]);
    expect(resourceIn(relay, 'LoadBalancer').Properties).toMatchObject({ Type: 'network' });
  });

  it('is in two zones', () => {
    const zones = resourcesOf(relay, 'AWS::EC2::Subnet').map(
      ([, { Properties }]) => Properties.AvailabilityZone,
    );
    expect(zones).toEqual([0, 1].map((index) => ({ 'Fn::Select': [index, { 'Fn::GetAZs': '' }] })));
    const both = [{ Ref: 'SubnetOne' }, { Ref: 'SubnetTwo' }];
    expect(resourceIn(relay, 'LoadBalancer').Properties.Subnets).toEqual(both);
    expect(resourceIn(relay, 'Service').Properties).toMatchObject({
      AvailabilityZoneRebalancing: 'ENABLED',
      NetworkConfiguration: { AwsvpcConfiguration: { Subnets: both } },
    });
  });
});

describe('what the load balancer does with streams', () => {
  const attributes = (resource: string, list: string) => {
    const pairs = resourceIn(relay, resource).Properties[list];
    if (!Array.isArray(pairs)) throw new Error(`${resource} has no ${list}`);
    return Object.fromEntries(
      pairs.map((pair: unknown) => [String(Object(pair).Key), String(Object(pair).Value)]),
    );
  };
  const group = attributes('TargetGroup', 'TargetGroupAttributes');

  it('keeps those that are idle for longer than from a ping to its last answer', () => {
    const idleMs = 1_000 * Number(attributes('Listener', 'ListenerAttributes')['tcp.idle_timeout.seconds']);
    const { pingMs, pingTimeoutMs } = defaultRelaySettings;
    expect(idleMs).toBeGreaterThan(pingMs + pingTimeoutMs);
    expect(idleMs).toBeLessThanOrEqual(6_000_000);
  });

  it('breaks none, neither of a relay that goes nor of one that is late', () => {
    expect(group['deregistration_delay.connection_termination.enabled']).toBe('false');
    expect(group['target_health_state.unhealthy.connection_termination.enabled']).toBe('false');
  });

  it('asks whether the port of the proxies is open, and not whether the table is there', () => {
    expect(resourceIn(relay, 'TargetGroup').Properties).toMatchObject({
      HealthCheckProtocol: 'TCP',
      HealthCheckPort: 'traffic-port',
    });
  });

  it('tells relays where proxies come from', () => {
    expect(group['preserve_client_ip.enabled']).toBe('true');
  });
});
