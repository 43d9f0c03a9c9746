import { describe, expect, it } from 'vitest';
import { KumulusError } from '../../src/model/errors.ts';
import type { LiveVersion, LiveVersions } from './live-versions.ts';
import { rollBack, rollOut } from './roll-out.ts';

/** The aliases of some functions, and what was done to them in its order. */
function world(functions: Record<string, LiveVersion>) {
  const log: string[] = [];
  const versions: LiveVersions = {
    current: async (name) => functions[name],
    async tryOut(name, version, share) {
      functions[name] = { version: functions[name]?.version ?? '', tried: { version, share } };
      log.push(`${name} tries ${version} with ${share}`);
    },
    async goTo(name, version) {
      functions[name] = { version };
      log.push(`${name} goes to ${version}`);
    },
    async remember(name, rollOut) {
      log.push(`${name} was at ${functions[name]?.version} before ${rollOut}`);
    },
    async stepBack(name) {
      const { version = '', tried } = functions[name] ?? {};
      if (version === '') throw new KumulusError('not_found', `there is no ${name}`);
      functions[name] = { version };
      log.push(`${name} steps back`);
      return { from: tried?.version ?? '', to: version };
    },
  };
  let passed = 0;
  return {
    versions,
    log,
    functions,
    deps: (failsAfter = Number.POSITIVE_INFINITY) => ({
      versions,
      judge: async (): Promise<string | undefined> => (passed >= failsAfter ? '3 errors' : undefined),
      sleep: async (milliseconds: number) => {
        passed += milliseconds;
      },
      say: () => {},
    }),
    passed: () => passed,
  };
}

const plan = {
  api: { functionName: 'api', version: '2' },
  others: [{ functionName: 'jobs', version: '5' }],
  canaryPercent: 10,
  canaryMinutes: 1,
};

/** What is remembered of the versions that were live before the plan. */
const remembered = (api: string, jobs: string) => [
  `api was at ${api} before api 2, jobs 5`,
  `jobs was at ${jobs} before api 2, jobs 5`,
];

describe('rollOut', () => {
  it('gives the new version a share, and all when it has held', async () => {
    const { deps, functions, log, passed } = world({ api: { version: '1' }, jobs: { version: '4' } });
    await rollOut(deps(), plan);
    expect(log).toEqual(['api tries 2 with 0.1', ...remembered('1', '4'), 'api goes to 2', 'jobs goes to 5']);
    expect(passed()).toBe(60_000);
    expect(functions).toEqual({ api: { version: '2' }, jobs: { version: '5' } });
  });

  it('takes the share away from one that fails, and moves nothing else', async () => {
    const { deps, functions, passed } = world({ api: { version: '1' }, jobs: { version: '4' } });
    await expect(rollOut(deps(30_000), plan)).rejects.toMatchObject({
      code: 'unavailable',
      message: 'version 2 of the API fails (3 errors): all calls go to version 1 again',
    });
    expect(passed()).toBe(30_000);
    expect(functions).toEqual({ api: { version: '1' }, jobs: { version: '4' } });
  });

  it.each([
    { what: 'its log cannot be read', part: 'judge' },
    { what: 'the run is interrupted', part: 'sleep' },
  ] as const)('takes the share away where $what', async ({ part }) => {
    const { deps, functions } = world({ api: { version: '1' }, jobs: { version: '4' } });
    const fails = () => Promise.reject(new Error('as it is'));
    await expect(rollOut({ ...deps(), [part]: fails }, plan)).rejects.toThrow('as it is');
    expect(functions).toEqual({ api: { version: '1' }, jobs: { version: '4' } });
  });

  it('leaves it at that where somebody else steps back meanwhile', async () => {
    const { deps, versions, functions } = world({ api: { version: '1' }, jobs: { version: '4' } });
    const judge = async () => {
      await versions.stepBack('api');
      return undefined;
    };
    await expect(rollOut({ ...deps(), judge }, plan)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('all go to version 1'),
    });
    expect(functions).toEqual({ api: { version: '1' }, jobs: { version: '4' } });
  });

  it.each([
    {
      what: 'the stage tries nothing',
      ...{ canaryPercent: 0, live: { api: '1', jobs: '4' }, before: remembered('1', '4') },
    },
    {
      what: 'the API has not changed',
      ...{ canaryPercent: 10, live: { api: '2', jobs: '4' }, before: remembered('2', '4') },
    },
    { what: 'nothing has changed', canaryPercent: 10, live: { api: '2', jobs: '5' }, before: [] },
  ])('moves all at once where $what', async ({ canaryPercent, live, before }) => {
    const { deps, log, passed } = world({ api: { version: live.api }, jobs: { version: live.jobs } });
    await rollOut(deps(0), { ...plan, canaryPercent });
    expect(log).toEqual([...before, 'api goes to 2', 'jobs goes to 5']);
    expect(passed()).toBe(0);
  });
});

describe('rollBack', () => {
  const said: string[] = [];
  const back = (versions: LiveVersions) =>
    rollBack({ versions, say: (line) => void said.push(line) }, ['api', 'jobs']);

  it('steps back with all', async () => {
    const { versions, log } = world({ api: { version: '2' }, jobs: { version: '5' } });
    await back(versions);
    expect(log).toEqual(['api steps back', 'jobs steps back']);
  });

  it('only takes the share away from a version that is tried: nothing else has moved', async () => {
    const { versions, log, functions } = world({
      api: { version: '1', tried: { version: '2', share: 0.1 } },
      jobs: { version: '5' },
    });
    said.length = 0;
    await back(versions);
    expect(log).toEqual(['api steps back']);
    expect(said).toEqual(['api: from version 2 back to version 1']);
    expect(functions.api).toEqual({ version: '1' });
  });

  it('goes on where one cannot, and tells of it', async () => {
    const { versions, log } = world({ jobs: { version: '5' } });
    await expect(back(versions)).rejects.toMatchObject({ code: 'unavailable', message: 'there is no api' });
    expect(log).toEqual(['jobs steps back']);
  });
});
