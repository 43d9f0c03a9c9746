import type { EventEmitter } from 'node:events';
import type { BytesCall } from './bytes-call.ts';

/** A stream's place among the open ones. */
export interface OpenStream {
  /** Its proxy was let in, as the tenant's. */
  letIn(tenant: string): void;
  /** The stream has been told to end; its connection is broken if the proxy does not read that within a bound. */
  closing(): void;
  /** The stream has been told to end and nobody reads that: its connection is broken at once. */
  cut(): void;
  /** The stream is over. */
  remove(): void;
}

/** All streams that are open, so that they can be ended in step. */
export interface OpenStreams<Call = BytesCall> {
  add(call: Call, end: (reason: unknown) => void): OpenStream;
  readonly size: number;
  /** How many tenants have proxies that were let in. */
  readonly tenants: number;
  /**
   * Ends all of them, evenly over `graceMs`, so that other relays get them one after the other. Those that are added
   * meanwhile end at once. Resolves when the last has been told.
   */
  drain(graceMs: number, reason: () => unknown): Promise<void>;
}

export interface OpenStreamsDeps<Call> {
  /** Breaks the connection of a call that is over and still not read. */
  readonly breakConnection: (call: Call) => void;
  /** Milliseconds that a peer has to read how its stream ended. */
  readonly farewellMs: number;
}

/** Keeps the list of open streams. */
export function createOpenStreams<Call extends EventEmitter>(deps: OpenStreamsDeps<Call>): OpenStreams<Call> {
  const open = new Map<Call, (reason: unknown) => void>();
  const streamsOf = new Map<string, number>();
  let draining: (() => unknown) | undefined;

  const pause = (milliseconds: number) =>
    new Promise<void>((resolve) => {
      setTimeout(resolve, milliseconds);
    });

  const count = (tenant: string, step: number) => {
    const streams = (streamsOf.get(tenant) ?? 0) + step;
    if (streams > 0) {
      streamsOf.set(tenant, streams);
    } else {
      streamsOf.delete(tenant);
    }
  };

  return {
    get size() {
      return open.size;
    },
    get tenants() {
      return streamsOf.size;
    },
    add(call, end) {
      open.set(call, end);
      if (draining !== undefined) {
        const reason = draining();
        queueMicrotask(() => end(reason));
      }
      let tenant: string | undefined;
      return {
        letIn(as) {
          tenant = as;
          count(as, 1);
        },
        cut: () => deps.breakConnection(call),
        remove() {
          open.delete(call);
          if (tenant !== undefined) {
            count(tenant, -1);
            tenant = undefined;
          }
        },
        closing: () => {
          const timer = setTimeout(() => deps.breakConnection(call), deps.farewellMs);
          call.once('close', () => clearTimeout(timer));
        },
      };
    },
    async drain(graceMs, reason) {
      draining = reason;
      const start = performance.now();
      const total = open.size;
      for (let ended = 0; open.size > 0; ended += 1) {
        const [next] = open;
        if (next === undefined) {
          break;
        }
        open.delete(next[0]);
        next[1](reason());
        const due = start + (graceMs * (ended + 1)) / Math.max(total, 1);
        const wait = due - performance.now();
        if (wait >= 1 && open.size > 0) {
          await pause(wait);
        }
      }
    },
  };
}
