import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Child } from '../support/child.ts';
import { dpFixture, startDp, token } from './dp-fixture.ts';

type Fixture = Awaited<ReturnType<typeof dpFixture>>;

/** Envoy's workers listen a moment after it says that it starts them. */
async function untilEnvoyListens(dp: Child, { ports }: Fixture): Promise<void> {
  await dp.says(/all dependencies initialized. starting workers/);
  for (const port of [ports.inbound, ports.ready]) {
    await expect
      .poll(() =>
        get(port)
          .then(() => true)
          .catch(() => false),
      )
      .toBe(true);
  }
}

async function get(port: number, path = '/') {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`);
  return { status: answer.status, body: await answer.text() };
}

/** Whether a process runs; one that ended and was not waited for by its new parent does not. */
function runs(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

const envoyPid = async (dp: Child) => Number((await dp.says(/started Envoy pid=(\d+)/))[1]);

describe('kumulus dp run', () => {
  it('posts what kuma-dp posts', async () => {
    const fixture = await dpFixture([{ status: 422, body: 'no' }]);
    const dp = startDp(fixture.args());
    await dp.ended;
    const [request] = fixture.server.requests;
    expect(request?.path).toBe('/bootstrap');
    expect(request?.body).toEqual({
      mesh: 'default',
      name: 'web-1',
      proxyType: 'dataplane',
      dataplaneToken: token,
      dataplaneTokenPath: join(fixture.folder, 'token'),
      dataplaneResource: JSON.stringify({
        type: 'Dataplane',
        mesh: 'default',
        name: 'web-1',
        networking: {
          address: '127.0.0.1',
          inbound: [{ port: 10011, tags: { 'kuma.io/service': 'web' } }],
        },
      }),
      version: {
        kumaDp: {
          version: '2.13.10',
          gitTag: 'v2.13.10',
          gitCommit: expect.stringMatching(/^kumulus-/),
          buildDate: 'unknown',
        },
        envoy: {
          version: expect.stringMatching(/^1\.36\./),
          build: expect.stringMatching(/^\w+\/1\.36\.\d+\/\w+\/RELEASE\/BoringSSL$/),
          kumaDpCompatible: true,
        },
      },
      caCert: fixture.server.ca,
      dynamicMetadata: {},
      dnsPort: 15054,
      readinessPort: 9902,
      operatingSystem: process.platform,
      features: [
        'feature-tcp-accesslog-via-named-pipe',
        'feature-readiness-unix-socket',
        'feature-strict-inbound-ports',
        'feature-reuse-port',
      ],
      resources: { maxHeapSizeBytes: expect.any(Number) },
      workdir: fixture.workDir,
      metricsResources: { certPath: '', keyPath: '' },
      systemCaPath: expect.any(String),
      ipv6Enabled: expect.any(Boolean),
      spireResources: { socketPath: '' },
    });
  });

  it('runs Envoy, reports readiness through it, and drains on SIGTERM', async () => {
    const fixture = await dpFixture();
    const dp = startDp([...fixture.args(), '--drain-time', '1s']);
    await untilEnvoyListens(dp, fixture);
    expect(statSync(join(fixture.workDir, 'bootstrap.yaml')).mode & 0o777).toBe(0o600);
    expect(await get(fixture.ports.ready, '/ready')).toEqual({ status: 200, body: 'READY' });

    dp.kill('SIGTERM');
    await dp.says(/draining connections seconds=1/);
    expect(await get(fixture.ports.ready, '/ready')).toEqual({ status: 503, body: 'TERMINATING' });
    const during = await fetch(`http://127.0.0.1:${fixture.ports.inbound}/`);
    expect([during.status, during.headers.get('connection')]).toEqual([200, 'close']);
    await during.text();
    const state = await get(fixture.ports.admin, '/server_info');
    expect(state.body).toContain('"DRAINING"');

    expect(await dp.ended).toEqual({ code: 0, signal: null });
    expect(dp.stdout()).not.toContain(token);
    expect(dp.stderr()).not.toContain(token);
  });

  it('stops at once at the second signal', async () => {
    const fixture = await dpFixture();
    const dp = startDp([...fixture.args(), '--drain-time', '10m']);
    await untilEnvoyListens(dp, fixture);
    dp.kill('SIGINT');
    await dp.says(/draining connections seconds=600/);
    dp.kill('SIGTERM');
    expect(await dp.ended).toEqual({ code: 0, signal: null });
  });

  it('drains at SIGUSR2, and then ends at once when told to', async () => {
    const fixture = await dpFixture();
    const dp = startDp([...fixture.args(), '--drain-time', '10m']);
    await untilEnvoyListens(dp, fixture);
    dp.kill('SIGUSR2');
    await expect
      .poll(async () => (await fetch(`http://127.0.0.1:${fixture.ports.inbound}/`)).headers.get('connection'))
      .toBe('close');
    dp.kill('SIGTERM');
    expect(await dp.ended).toEqual({ code: 0, signal: null });
  });

  it.each([
    ['SIGKILL', 137],
    ['SIGTERM', 0],
  ] as const)('ends with the fate of an Envoy that gets %s', async (signal, code) => {
    const fixture = await dpFixture();
    const dp = startDp([...fixture.args(), '--drain-time', '10m']);
    await untilEnvoyListens(dp, fixture);
    process.kill(await envoyPid(dp), signal);
    expect(await dp.ended).toEqual({ code, signal: null });
    expect(dp.stdout()).toMatch(/ERROR Envoy ended/);
  });

  it('ends with the code of an Envoy that refuses its bootstrap, whose words are passed on', async () => {
    const body = JSON.stringify({ bootstrap: Buffer.from('nonsense: true').toString('base64') });
    const fixture = await dpFixture([{ status: 200, body }]);
    const dp = startDp(fixture.args());
    expect(await dp.ended).toEqual({ code: 1, signal: null });
    expect(dp.stderr()).toMatch(/nonsense/);
  });

  it.runIf(process.platform === 'linux')('takes Envoy with it when it is killed', async () => {
    const fixture = await dpFixture();
    const dp = startDp(fixture.args());
    await untilEnvoyListens(dp, fixture);
    const pid = await envoyPid(dp);
    dp.kill('SIGKILL');
    await expect.poll(() => runs(pid)).toBe(false);
  });

  it('makes a folder for itself where none is named, and removes it', async () => {
    const fixture = await dpFixture();
    const dp = startDp([...fixture.args({ workDir: [] }), '--drain-time', '1ms']);
    await untilEnvoyListens(dp, fixture);
    const [, workDir = ''] = await dp.says(/workDir=(\S+)/);
    expect(workDir.startsWith(join(tmpdir(), 'kuma-dp-'))).toBe(true);
    expect(readdirSync(workDir)).toContain('bootstrap.yaml');
    dp.kill('SIGTERM');
    await dp.ended;
    expect(existsSync(workDir)).toBe(false);
  });

  it('goes on when nobody reads its log any more', async () => {
    const fixture = await dpFixture();
    const dp = startDp([...fixture.args(), '--drain-time', '1ms']);
    await untilEnvoyListens(dp, fixture);
    dp.closeOutput();
    for (let index = 0; index < 3; index += 1) await get(fixture.ports.admin, '/nothing');
    dp.kill('SIGTERM');
    expect(await dp.ended).toEqual({ code: 0, signal: null });
  });

  it('tries again while the control plane is not ready, as often as it is told to', async () => {
    const busy = { status: 503, headers: { 'retry-after': '1' }, body: 'too many at once' };
    const fixture = await dpFixture([busy, { status: 404, body: '' }]);
    const dp = startDp([...fixture.args(), '--drain-time', '1ms'], {
      KUMA_CONTROL_PLANE_RETRY_BACKOFF: '1ms',
    });
    await untilEnvoyListens(dp, fixture);
    expect(fixture.server.requests).toHaveLength(3);
    const [, seconds] = await dp.says(/reason="503 too many at once" seconds=(\S+)/);
    expect(Number(seconds)).toBeGreaterThanOrEqual(1);
    expect(dp.stdout()).toMatch(/reason="the control plane does not know this Dataplane yet"/);
  });

  it('ends quietly when it is told to stop before there is an Envoy', async () => {
    const fixture = await dpFixture([{ status: 503, headers: { 'retry-after': '60' }, body: '' }]);
    const dp = startDp(fixture.args());
    await dp.says(/trying again/);
    dp.kill('SIGTERM');
    expect(await dp.ended).toEqual({ code: 0, signal: null });
    expect(dp.stderr()).toBe('');
  });
});
