import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createJobsHandler } from '../../functions/jobs-handler.ts';
import { createHistory } from '../../src/events/history.ts';
import { silentLogger } from '../../src/model/ports.ts';
import { tenantId } from '../../src/model/tenant.ts';
import { createOutbox } from '../../src/store/outbox/outbox.ts';
import { type CloudApi, startCloudApi } from './cloud-api.ts';

let cloud: CloudApi;

beforeAll(async () => {
  cloud = await startCloudApi();
}, 120_000);
afterAll(() => cloud?.close());

/** How many transactions have events that are not yet published. */
async function unpublished(): Promise<number> {
  const outbox = createOutbox(cloud.openItems());
  let count = 0;
  for await (const _ of outbox.entries(Number.MAX_SAFE_INTEGER)) {
    count += 1;
  }
  return count;
}

describe('the API on Lambda, and the jobs beside it', () => {
  it('records who called from where, and publishes what they did', async () => {
    const body = JSON.stringify({ type: 'Mesh', name: 'recorded' });
    expect((await cloud.call('PUT', '/meshes/recorded', { body })).statusCode).toBe(201);
    const query = 'type=Mesh&name=recorded';
    const { items } = JSON.parse((await cloud.call('GET', '/_audit', { query })).body);
    expect(items).toMatchObject([
      {
        action: 'CREATE',
        author: { user: 'mesh-system:admin', address: '203.0.113.9', source: 'api' },
        after: { type: 'Mesh', name: 'recorded' },
      },
    ]);
    expect(await unpublished()).toBe(0);
  });

  it('is helped by jobs, which publish what was left', async () => {
    const items = cloud.openItems();
    const history = createHistory({
      items,
      // Long enough ago to have been left.
      clock: () => Date.now() - 60_000,
      ids: randomUUID,
      logger: silentLogger,
      retentionDays: () => 90,
      bus: { publish: () => Promise.reject(new Error('out of reach')) },
      waits: true,
    });
    const author = { user: 'alice', groups: [], source: 'api' as const };
    const draft = { author, action: 'ISSUE' as const, type: 'UserToken', mesh: '', name: 'alice' };
    await history.trail.append(tenantId('acme'), draft);
    expect(await unpublished()).toBe(1);
    await cloud.runJobs();
    expect(await unpublished()).toBe(0);
  });

  it('is told by the jobs when one of them failed, after all were done', async () => {
    const log = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    onTestFinished(() => log.mockRestore());
    const jobs = createJobsHandler({
      ...cloud.environment,
      KUMULUS_TABLE: 'no-such-table',
      AWS_ENDPOINT_URL: cloud.endpoint,
    });
    await expect(jobs(undefined, { getRemainingTimeInMillis: () => 60_000 })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/^the jobs close-orphans, .*publish-events.* failed; the log says why$/),
    });
    const lines = log.mock.calls.map(([line]) => JSON.parse(String(line)));
    expect(lines.filter(({ job }) => job === 'publish-events')).toMatchObject([{ message: 'a job failed' }]);
  });
});

it('asked for nothing that their roles refuse', () => {
  expect([...cloud.apiRoles.refused, ...cloud.jobsRoles.refused]).toEqual([]);
});
