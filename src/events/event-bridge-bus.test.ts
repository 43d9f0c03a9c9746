import type { PutEventsCommand, PutEventsCommandOutput } from '@aws-sdk/client-eventbridge';
import { describe, expect, it } from 'vitest';
import { isKumulusError } from '../model/errors.ts';
import { tenantId } from '../model/tenant.ts';
import { eventOf, eventSchema, type KumulusEvent } from './event.ts';
import { createEventBridgeBus } from './event-bridge-bus.ts';

const acme = tenantId('acme');

function event(number: number, details: Record<string, unknown> = {}): KumulusEvent {
  const author = { user: 'alice', groups: [], source: 'api' as const };
  const facts = { author, action: 'ISSUE' as const, type: 'UserToken', mesh: '', name: 'alice', details };
  return eventOf(acme, facts, { id: `e-${number}`, time: '2026-01-01T00:00:00.000Z' });
}

/** Plays EventBridge: takes entries, but for those whose turn to be refused it is. */
function eventBridge(refuse: (id: string, attempt: number) => boolean) {
  const taken: string[] = [];
  const calls: number[] = [];
  const attempts = new Map<string, number>();
  return {
    taken,
    calls,
    client: {
      async send(command: PutEventsCommand): Promise<PutEventsCommandOutput> {
        const entries = command.input.Entries ?? [];
        calls.push(entries.length);
        const results = entries.map(({ Detail = '{}' }) => {
          const { id } = eventSchema.parse(JSON.parse(Detail));
          const attempt = (attempts.get(id) ?? 0) + 1;
          attempts.set(id, attempt);
          if (refuse(id, attempt)) {
            return { ErrorCode: 'ThrottlingException', ErrorMessage: 'slow down' };
          }
          taken.push(id);
          return { EventId: `aws-${id}` };
        });
        return { Entries: results, $metadata: {} };
      },
    },
  };
}

describe('the bus on EventBridge', () => {
  const events = Array.from({ length: 23 }, (_, number) => event(number));
  const options = { bus: 'bus', wait: async () => {}, random: () => 0 };

  it('publishes ten at a time', async () => {
    const bridge = eventBridge(() => false);
    await createEventBridgeBus({ ...options, client: bridge.client }).publish(events);
    expect(bridge.calls).toStrictEqual([10, 10, 3]);
    expect(new Set(bridge.taken)).toStrictEqual(new Set(events.map(({ id }) => id)));
  });

  it('offers what was refused again, and nothing else', async () => {
    const refused = new Set(['e-3', 'e-12', 'e-13']);
    const bridge = eventBridge((id, attempt) => refused.has(id) && attempt < 3);
    await createEventBridgeBus({ ...options, client: bridge.client }).publish(events);
    expect([...bridge.taken].sort()).toStrictEqual(events.map(({ id }) => id).sort());
    expect([...bridge.calls].sort((a, b) => a - b)).toStrictEqual([1, 1, 2, 2, 3, 10, 10]);
  });

  it('says so when it gives up', async () => {
    const bridge = eventBridge((id) => id === 'e-3');
    const error = await createEventBridgeBus({ ...options, client: bridge.client, maxAttempts: 3 })
      .publish(events)
      .catch((reason: unknown) => reason);
    expect(isKumulusError(error, 'unavailable')).toBe(true);
    expect(bridge.calls.filter((entries) => entries === 1)).toHaveLength(2);
  });

  it('tries again where EventBridge cannot be reached', async () => {
    const bridge = eventBridge(() => false);
    let failures = 2;
    const client: typeof bridge.client = {
      async send(command) {
        failures -= 1;
        if (failures >= 0) {
          throw new Error('socket hang up');
        }
        return bridge.client.send(command);
      },
    };
    await createEventBridgeBus({ ...options, client }).publish(events.slice(0, 2));
    expect(bridge.taken).toHaveLength(2);
  });

  it('keeps requests below 256 KB, and drops the details of an event that is larger', async () => {
    const large = [
      event(0, { text: 'x'.repeat(100_000) }),
      event(1, { text: 'x'.repeat(100_000) }),
      event(2, { text: 'x'.repeat(100_000) }),
      event(3, { text: 'x'.repeat(300_000) }),
    ];
    const bridge = eventBridge(() => false);
    await createEventBridgeBus({ ...options, client: bridge.client }).publish(large);
    expect(bridge.calls).toStrictEqual([2, 2]);
    expect([...bridge.taken].sort()).toStrictEqual(['e-0', 'e-1', 'e-2', 'e-3']);
  });

  it('asks for nothing where there is nothing', async () => {
    const bridge = eventBridge(() => false);
    await createEventBridgeBus({ ...options, client: bridge.client }).publish([]);
    expect(bridge.calls).toStrictEqual([]);
  });
});
