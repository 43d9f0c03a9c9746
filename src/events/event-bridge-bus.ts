import { setTimeout as sleep } from 'node:timers/promises';
import {
  PutEventsCommand,
  type PutEventsCommandOutput,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import { KumulusError } from '../model/errors.ts';
import { eventSource, type KumulusEvent } from './event.ts';
import type { EventBus } from './event-bus.ts';

export interface EventBridgeBusOptions {
  readonly client: { send(command: PutEventsCommand): Promise<PutEventsCommandOutput> };
  /** Name or ARN of the event bus. */
  readonly bus: string;
  /** How often an event is offered before it is given up for now; 5 unless told, over some two seconds. */
  readonly maxAttempts?: number;
  /** Waits the given milliseconds. */
  readonly wait?: (milliseconds: number) => Promise<unknown>;
  /** From 0 to below 1. */
  readonly random?: () => number;
}

/** PutEvents takes ten entries and 256 KB (Amazon EventBridge, "PutEvents event entry size"). */
const entriesAtOnce = 10;
const bytesAtOnce = 256 * 1024;
/** Details of an event that alone would be too large are left out: they are in the audit record. */
const largestEvent = bytesAtOnce - 4096;

/** EventBridge keeps no order among events, so there is none to be kept here. */
const requestsAtOnce = 4;

const firstPauseMilliseconds = 100;

/** Creates the bus on EventBridge. What it takes only in part is offered again, without what it has taken. */
export function createEventBridgeBus(options: EventBridgeBusOptions): EventBus {
  const {
    client,
    bus,
    maxAttempts = 5,
    wait = (milliseconds) => sleep(milliseconds),
    random = Math.random,
  } = options;

  /** Those of the entries that were not taken, and the reason for one of them. */
  async function offer(entries: readonly PutEventsRequestEntry[]): Promise<Refused> {
    try {
      const { Entries: results = [] } = await client.send(new PutEventsCommand({ Entries: [...entries] }));
      const left = entries.filter((_, position) => results[position]?.EventId === undefined);
      return { left, reason: results.find(({ ErrorCode }) => ErrorCode !== undefined)?.ErrorCode };
    } catch (error) {
      return { left: entries, reason: error };
    }
  }

  async function publishChunk(chunk: readonly PutEventsRequestEntry[]): Promise<void> {
    let left = chunk;
    for (let attempt = 1; ; attempt += 1) {
      const refused = await offer(left);
      left = refused.left;
      if (left.length === 0) {
        return;
      }
      if (attempt >= maxAttempts) {
        throw new KumulusError('unavailable', 'the event bus did not take all events', {
          retryAfterSeconds: 1,
          cause: refused.reason,
        });
      }
      await wait(random() * firstPauseMilliseconds * 2 ** attempt);
    }
  }

  return {
    async publish(events) {
      const chunks = [...chunksOf(events.map((event) => entryOf(bus, event)))];
      const lane = async () => {
        for (let chunk = chunks.shift(); chunk !== undefined; chunk = chunks.shift()) {
          await publishChunk(chunk);
        }
      };
      await Promise.all(Array.from({ length: requestsAtOnce }, lane));
    },
  };
}

interface Refused {
  readonly left: readonly PutEventsRequestEntry[];
  readonly reason: unknown;
}

function entryOf(bus: string, event: KumulusEvent): PutEventsRequestEntry {
  const detail = JSON.stringify(event);
  const { details: _details, ...data } = event.data;
  return {
    EventBusName: bus,
    Source: eventSource,
    DetailType: event.type,
    Time: new Date(event.time),
    Detail: Buffer.byteLength(detail) > largestEvent ? JSON.stringify({ ...event, data }) : detail,
  };
}

/** Cut where either limit is reached. */
function chunksOf(entries: readonly PutEventsRequestEntry[]): readonly (readonly PutEventsRequestEntry[])[] {
  const chunks: PutEventsRequestEntry[][] = [];
  let bytes = 0;
  for (const entry of entries) {
    const size = sizeOf(entry);
    const chunk = chunks.at(-1);
    if (chunk === undefined || chunk.length === entriesAtOnce || bytes + size > bytesAtOnce) {
      chunks.push([entry]);
      bytes = size;
    } else {
      chunk.push(entry);
      bytes += size;
    }
  }
  return chunks;
}

/** As EventBridge counts: 14 bytes for the time, and the UTF-8 of the texts. */
function sizeOf({ Source = '', DetailType = '', Detail = '' }: PutEventsRequestEntry): number {
  return 14 + Buffer.byteLength(Source) + Buffer.byteLength(DetailType) + Buffer.byteLength(Detail);
}
