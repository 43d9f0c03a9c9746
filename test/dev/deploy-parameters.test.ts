import { describe, expect, it } from 'vitest';
import { deploy } from '../../dev/deploy/deploy.ts';
import type { StackWish } from '../../dev/deploy/stacks.ts';
import { readStage } from '../../dev/deploy/stages.ts';
import { readTemplate } from '../infra/template.ts';

/** What stacks a deployment of a stage asks for, where nothing is there yet. */
async function wishesFor(name: string): Promise<readonly StackWish[]> {
  const wishes: StackWish[] = [];
  const { relay, ...stage } = readStage('.', name, 'infra/stages.yml');
  await deploy(
    {
      stacks: {
        find: async () => undefined,
        resting: async () => undefined,
        ready: async () => undefined,
        put: async (wish) => {
          wishes.push(wish);
          return {};
        },
        remove: async () => {},
      },
      versions: {
        current: async () => undefined,
        tryOut: async () => {},
        goTo: async () => {},
        remember: async () => {},
        stepBack: async () => ({ from: '', to: '' }),
      },
      newestVersion: async () => '1',
      variablesOf: async () => ({}),
      secrets: { current: async () => undefined, put: async () => 'version-1' },
      ...{ judge: async () => undefined, osls: async () => {}, sleep: async () => {} },
      buildImage: async (repository) => `${repository}:1`,
      ...{ clock: Date.now, say: () => {} },
    },
    {
      ...{ root: '.', name, region: 'eu-central-1', image: 'relay:1', build: false, environment: {} },
      stage: { ...stage, relay: { ...relay, selfSigned: true } },
    },
  );
  return wishes;
}

/** What CloudFormation looks at before it begins. */
function violation(declared: Readonly<Record<string, unknown>>, value: string): string | undefined {
  const { Type, AllowedValues, AllowedPattern, MinValue, MaxValue, MinLength } = declared;
  if (Array.isArray(AllowedValues) && !AllowedValues.map(String).includes(value)) return 'not allowed';
  if (typeof AllowedPattern === 'string' && !new RegExp(`^(?:${AllowedPattern})$`).test(value))
    return 'other pattern';
  if (Type === 'Number' && !/^\d+$/.test(value)) return 'no number';
  if (typeof MinValue === 'number' && Number(value) < MinValue) return 'too small';
  if (typeof MaxValue === 'number' && Number(value) > MaxValue) return 'too large';
  if (typeof MinLength === 'number' && value.length < MinLength) return 'too short';
  return undefined;
}

describe.each(['dev', 'staging', 'production'])('the stacks of %s', (name) => {
  it('get parameters that their templates know and take', async () => {
    const [data, relay, ...others] = await wishesFor(name);
    expect(others).toEqual([]);
    for (const [wish, file] of [
      [data, 'data.yml'],
      [relay, 'relay.yml'],
    ] as const) {
      const { Parameters } = readTemplate(file);
      const told = wish?.parameters ?? {};
      const violations = Object.entries(told).map(([parameter, value = '']) => [
        parameter,
        Parameters[parameter] === undefined ? 'unknown' : violation(Parameters[parameter], value),
      ]);
      expect(violations.filter(([, what]) => what !== undefined)).toEqual([]);
      const needed = Object.entries(Parameters).filter(([, { Default }]) => Default === undefined);
      expect(Object.keys(told)).toEqual(expect.arrayContaining(needed.map(([parameter]) => parameter)));
    }
    const { liveness, relay: sizes, data: lasting } = readStage('.', name, 'infra/stages.yml');
    expect(relay?.parameters).toMatchObject({
      IdleTimeout: liveness.dataplaneIdleTimeout,
      CleanupAge: liveness.dataplaneCleanupAge,
      ZoneCleanupAge: liveness.zoneResourceCleanupAge,
      MinRelays: String(sizes.minRelays),
      MaxRelays: String(sizes.maxRelays),
      PreviousKmsKeys: lasting.previousKmsKeys,
      CertificateVersion: 'version-1',
    });
  });
});
