import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type AnswerCheck, createAnswerCheck } from '../support/answer-check.ts';
import { type ApiAnswer, type ApiFixture, createApiFixture } from '../support/api-fixture.ts';
import { readRecording, recordingNames, recordingsFolder } from '../support/recording.ts';
import { replay } from '../support/replay.ts';

/** Made once, for it takes its time to read a schema. */
let check: AnswerCheck;

beforeAll(async () => {
  const api = await createApiFixture(['default']);
  check = createAnswerCheck((await api.request('GET', '/openapi.json')).body);
  await api.close();
});

/** An API whose answers are all held against its document; what is not as told is found at the end. */
async function checkedApi(): Promise<ApiFixture & { readonly problems: readonly string[] }> {
  const api = await createApiFixture(['default']);
  onTestFinished(api.close);
  const problems: string[] = [];
  return {
    ...api,
    problems,
    async request(method, path, sent): Promise<ApiAnswer> {
      const answer = await api.request(method, path, sent);
      problems.push(...check(method, path, answer).map((problem) => `${method} ${path}: ${problem}`));
      return answer;
    },
  };
}

const folder = recordingsFolder();

describe.skipIf(folder === undefined)('answers to recorded requests are as the OpenAPI document says', () => {
  it.each(folder === undefined ? [] : recordingNames(folder, 'rest'))('%s', async (name) => {
    const api = await checkedApi();
    await replay(api, readRecording(folder ?? '', 'rest', name));
    expect(api.problems).toEqual([]);
  });
});

const stats = { responsesSent: 3, responsesAcknowledged: 2, responsesRejected: 1 };

describe('answers are as the OpenAPI document says', () => {
  it('of proxies that were connected', async () => {
    const api = await checkedApi();
    const inbound = [{ port: 80, tags: { 'kuma.io/service': 'web', 'kuma.io/protocol': 'http' } }];
    const spec = { networking: { address: '10.0.0.1', inbound } };
    const body = { type: 'Dataplane', mesh: 'default', name: 'web-1', ...spec };
    await api.request('PUT', '/meshes/default/dataplanes/web-1', { body });
    await api.insights.update(api.tenant, 'default', 'web-1', () => ({
      subscriptions: [
        {
          id: 's1',
          controlPlaneInstanceId: 'relay-1',
          connectTime: '2026-01-01T00:00:00.000Z',
          lastUpdateTime: '2026-01-01T00:00:01.000Z',
          stats: { total: stats, cds: stats, eds: stats, lds: stats, rds: stats, sds: stats },
          version: {
            kumaDp: {
              version: '2.13.10',
              gitTag: 'v',
              gitCommit: 'c',
              buildDate: 'd',
              kumaCpCompatible: true,
            },
            envoy: { version: '1.36.4', build: 'b', kumaDpCompatible: true },
            dependencies: { coredns: '1.11' },
          },
          givenRevision: 4,
          acknowledgedRevision: 3,
          refused: ['lds'],
          lastNack: { typeUrl: 'type.googleapis.com/x', message: 'no', time: '2026-01-01T00:00:01.000Z' },
        },
      ],
      mtls: {
        certificateExpirationTime: '2026-01-02T00:00:00.000Z',
        lastCertificateRegeneration: '2026-01-01T00:00:00.000Z',
        certificateRegenerations: 1,
        issuedBackend: 'ca-1',
        supportedBackends: ['ca-1'],
      },
      metadata: { a: [1, { b: null }] },
    }));
    for (const path of [
      '/meshes/default/dataplanes/_overview',
      '/meshes/default/dataplanes/_overview?fields=summary',
      '/dataplanes+insights?sort=-lastSeen&refused=true&version=1.36',
      '/meshes/default/dataplanes/web-1/_overview',
      '/meshes/default/dataplane-insights',
      '/meshes/default/dataplane-insights/web-1',
      '/meshes/default/service-insights',
      '/meshes/default/service-insights/web',
      '/mesh-insights/default',
      '/global-insight',
      '/global-insights',
      '/meshes/default/dataplanes/web-1/policies',
      '/meshes/default/_changes?since=0',
      '/_audit',
    ]) {
      expect((await api.request('GET', path)).status, path).toBe(200);
    }
    expect(api.problems).toEqual([]);
  });

  it('and what is not as told is found', async () => {
    const api = await checkedApi();
    const path = '/meshes/default';
    const answer = await api.request('GET', path);
    const problemsOf = (change: Partial<ApiAnswer>) => check('GET', path, { ...answer, ...change });
    expect(problemsOf({})).toEqual([]);
    expect(problemsOf({ status: 418 })).toEqual(['status 418 is not told of GET /meshes/default']);
    expect(problemsOf({ headers: new Headers({ 'content-type': 'application/json' }) })).toHaveLength(2);
    expect(problemsOf({ body: { ...Object(answer.body), surprise: 1 } })).toHaveLength(1);
    expect(problemsOf({ body: { ...Object(answer.body), name: 7 } })).toHaveLength(1);
  });
});
