import { describe, expect, it } from 'vitest';
import { KumulusError } from '../../model/errors.ts';
import { createJsonLogger } from '../../model/json-logger.ts';
import { tenantId } from '../../model/tenant.ts';
import { openStreamAccount } from './stream-account.ts';

function world() {
  const time = { now: 1_000 };
  const lines: string[] = [];
  const told: unknown[] = [];
  const account = openStreamAccount({
    protocol: 'delta',
    peer: '10.0.0.1:4000',
    logger: createJsonLogger('debug', (line) => lines.push(line)),
    telemetry: {
      streamOpened: (protocol) => told.push(['opened', protocol]),
      streamEnded: (protocol, how, ms) => told.push(['ended', protocol, how, ms]),
    },
    revision: () => 7,
    now: () => time.now,
  });
  const logged = () =>
    lines.map((line) => {
      const { time: _, ...rest } = JSON.parse(line) as Record<string, unknown>;
      return rest;
    });
  return { time, account, told, lines, logged };
}

const owner = { tenant: tenantId('acme'), mesh: 'default', name: 'web-1' };

describe('openStreamAccount', () => {
  it('tells of a connection and of its end, one line each', () => {
    const { time, account, told, logged } = world();
    account.of({ tenant: owner.tenant });
    account.of(owner);
    account.letIn();
    time.now += 90_061;
    account.ended();
    account.ended(new Error('nobody listens any more'));
    expect(logged()).toEqual([
      {
        level: 'info',
        message: 'a proxy is connected',
        ...owner,
        protocol: 'delta',
        peer: '10.0.0.1:4000',
      },
      {
        level: 'info',
        message: 'a proxy went',
        ...owner,
        protocol: 'delta',
        peer: '10.0.0.1:4000',
        reason: 'by_proxy',
        revision: 7,
        seconds: 90.061,
      },
    ]);
    expect(told).toEqual([
      ['opened', 'delta'],
      ['ended', 'delta', 'by_proxy', 90_061],
    ]);
  });

  it('tells why somebody was not let in', () => {
    const { account, told, logged } = world();
    account.of(owner);
    account.ended(new KumulusError('forbidden', 'the token is for another mesh'));
    expect(logged()).toMatchObject([
      {
        level: 'info',
        message: 'a proxy was not let in',
        ...owner,
        reason: 'forbidden',
        details: 'the token is for another mesh',
      },
    ]);
    expect(told[1]).toEqual(['ended', 'delta', 'forbidden', 0]);
  });

  it('tells of a mistake of ours with its stack, and nothing of it to the proxy', () => {
    const { account, told, logged } = world();
    account.ended(new TypeError('x is not a function'));
    expect(logged()).toMatchObject([
      {
        level: 'error',
        message: 'a stream failed',
        reason: 'internal',
        details: 'internal error',
        error: { message: 'x is not a function', stack: expect.stringContaining('stream-account.test') },
      },
    ]);
    expect(told[1]).toEqual(['ended', 'delta', 'internal', 0]);
  });

  it('keeps to one line whatever a proxy calls itself', () => {
    const { account, lines } = world();
    account.of({ ...owner, name: 'web\n{"level":"error","message":"forged"}\u2028\r' });
    account.letIn();
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toMatch(/[\n\r]/);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ message: 'a proxy is connected' });
  });
});
