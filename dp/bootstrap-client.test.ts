import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { silentLogger } from '../src/model/ports.ts';
import { createBootstrapClient } from './bootstrap-client.ts';

interface Answer {
  readonly status: number;
  readonly body?: string;
  readonly retryAfter?: string;
}

/** A server with these answers, the last one for ever, and a client whose time passes only while it sleeps. */
async function start(...answers: readonly [Answer, ...Answer[]]) {
  let asked = 0;
  let now = 0;
  const slept: number[] = [];
  const server = createServer((_, response) => {
    const answer = answers[Math.min(asked, answers.length - 1)] ?? answers[0];
    asked += 1;
    if (answer.retryAfter !== undefined) response.setHeader('retry-after', answer.retryAfter);
    response.writeHead(answer.status).end(answer.body ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const client = createBootstrapClient({
    clock: () => now,
    random: () => 0.5,
    log: silentLogger,
    async sleep(milliseconds, signal) {
      signal.throwIfAborted();
      slept.push(milliseconds);
      now += milliseconds;
    },
  });
  const target = {
    controlPlane: new URL(`http://127.0.0.1:${port}/x?y`),
    ...{ caCert: '', skipVerify: false, retryBackoff: 1_000, retryMaxDuration: 60_000 },
  };
  return {
    slept,
    asked: () => asked,
    fetch: (signal = new AbortController().signal) => client.fetch(target, '{}', signal),
  };
}

describe('createBootstrapClient', () => {
  it('doubles its delays up to half a minute, and gives up in time, with the last reason', async () => {
    const { fetch, slept, asked } = await start({ status: 500, body: 'broken\n' });
    await expect(fetch()).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/^no bootstrap from http:\S+\/bootstrap after 8 tries: 500 broken$/),
    });
    expect(slept).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
    expect(asked()).toBe(8);
  });

  it.each([429, 503])('waits as long as a %i asks for, and a little more', async (status) => {
    const { fetch, slept } = await start({ status, retryAfter: '7' }, { status: 200, body: 'it' });
    expect(await fetch()).toBe('it');
    expect(slept).toEqual([7_500]);
  });

  it('does not wait for longer than it may try', async () => {
    const { fetch, slept } = await start({ status: 503, retryAfter: '61' });
    await expect(fetch()).rejects.toMatchObject({ code: 'unavailable' });
    expect(slept).toEqual([]);
  });

  it.each([400, 401, 403, 422])('takes a %i for an answer', async (status) => {
    const { fetch, asked } = await start({ status, body: 'no,\n  because' });
    await expect(fetch()).rejects.toMatchObject({
      code: 'bad_request',
      message: 'the control plane refused: no, because',
    });
    expect(asked()).toBe(1);
  });

  it('waits for a Dataplane that is not there yet', async () => {
    const { fetch, slept } = await start({ status: 404 }, { status: 200, body: 'it' });
    expect(await fetch()).toBe('it');
    expect(slept).toHaveLength(1);
  });

  it('ends when it is told to', async () => {
    const stop = new AbortController();
    const { fetch } = await start({ status: 503 });
    stop.abort();
    await expect(fetch(stop.signal)).rejects.toMatchObject({ name: 'AbortError' });
  });
});
