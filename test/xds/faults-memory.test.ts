import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { typeUrls } from '../../src/compile/snapshot.ts';
import { buildProgram } from '../store/support/program.ts';
import { makeServerCertificate } from '../support/bootstrap-server.ts';
import { node } from './ads-client.ts';
import { type Http2Ads, http2Session, openAds } from './support/http2-ads.ts';

const numbersSchema = z.object({
  connections: z.number(),
  streams: z.number(),
  sessions: z.number(),
  timers: z.number(),
  rss: z.number(),
});

/** A relay in a process of its own. */
async function startRelayProcess() {
  const program = await buildProgram('test/xds/programs/relay.ts');
  const child = spawn(process.execPath, ['--expose-gc', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await once(child, 'close');
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const read = async (): Promise<unknown> => JSON.parse((await lines.next()).value ?? '');
  const { ca, certificate, key } = await makeServerCertificate();
  child.stdin.write(`${JSON.stringify({ cert: certificate, key })}\n`);
  const { port } = z.object({ port: z.number() }).parse(await read());
  return {
    port,
    ca,
    material: { cert: certificate, key },
    publish: () => child.stdin.write('publish\n'),
    async numbers() {
      child.stdin.write('numbers\n');
      return numbersSchema.parse(await read());
    },
  };
}

it('two hundred proxies that read nothing take no more memory than the bound, and leave nothing behind', async () => {
  const relay = await startRelayProcess();
  const versions: string[] = [];
  const reader = openAds(http2Session(relay));
  reader.onResponse(({ typeUrl, nonce, resources }) => {
    versions.push(resources[0]?.version ?? '');
    reader.send({ typeUrl, responseNonce: nonce });
  });
  reader.send({ node: node('reader'), typeUrl: typeUrls.cluster });
  await expect.poll(() => versions.length, { timeout: 5000 }).toBe(1);
  const before = await relay.numbers();

  const stuck: Http2Ads[] = [];
  let left = 200;
  while (stuck.length < 200) {
    // One after the other, for the reader runs in this process, too, and must not stall.
    const session = http2Session(relay, 100);
    const stream = openAds(session);
    stream.pause();
    stream.send({ node: node(`stuck-${stuck.length}`), typeUrl: typeUrls.cluster });
    void stream.ended.then(() => (left -= 1));
    stuck.push(stream);
    await once(session, 'connect');
  }
  let most = 0;
  for (let change = 2; left > 60; change += 1) {
    relay.publish();
    // The reader is in nobody's way, and nobody in its.
    await expect.poll(() => versions.length, { timeout: 5_000 }).toBe(change);
    most = Math.max(most, (await relay.numbers()).rss);
  }
  expect(new Set(versions).size).toBe(versions.length);
  // Without the bound: two copies of 300 KB for each of 200, 120 MB. With it: twice 16 MiB, and 200 connections of some 150 KB.
  expect(most - before.rss).toBeLessThan(75_000_000);

  for (const stream of stuck) {
    stream.session.destroy();
  }
  await expect
    .poll(async () => {
      const { rss: _, ...counts } = await relay.numbers();
      return counts;
    })
    .toEqual({ connections: 1, streams: 1, sessions: 1, timers: before.timers });
});
