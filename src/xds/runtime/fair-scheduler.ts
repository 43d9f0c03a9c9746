import { KumulusError } from '../../model/errors.ts';
import { noTelemetry, type Telemetry } from '../../model/telemetry.ts';
import type { TenantId } from '../../model/tenant.ts';

/** A small piece of work, done without waiting for anything. Gives back whether there is nothing left to do. */
export type Step = () => boolean;

/** The work of one mesh (or of anything else that is to get its share). */
export interface FairFlow {
  /**
   * Runs the step until it gives back true, with other work in between. Resolves then; rejects with what the step
   * throws, and with `unavailable` when the flow is closed before.
   */
  run(step: Step): Promise<void>;
  /** Milliseconds that the steps of this flow have taken so far. */
  readonly spentMs: number;
  /** Nothing more of it runs. */
  close(): void;
}

/**
 * Shares the event loop out between tenants, and each tenant's share between its flows: whoever has had least is next.
 * So who was quiet is served at once, and who is busy cannot take more than what the others leave.
 */
export interface FairScheduler {
  flow(tenant: TenantId): FairFlow;
  /** Nobody is told of its queue any more. */
  stop(): void;
}

export interface FairSchedulerOptions {
  /** How long steps may run in one turn of the event loop, in milliseconds, before timers and sockets get theirs; 2 unless told. */
  readonly turnMs?: number;
  /** How long one flow may run before it is asked anew who is next, in milliseconds; 1 unless told. */
  readonly sliceMs?: number;
  /** Milliseconds since any time that only go forward; `performance.now` unless told. */
  readonly now?: () => number;
  /** Calls back in the next turn of the event loop; `setImmediate` unless told. */
  readonly nextTurn?: (work: () => void) => void;
  readonly telemetry?: Pick<Telemetry, 'queue' | 'waited'>;
}

/** The name under which the scheduler tells how much waits for it. */
const queueName = 'compile';

/** Somebody who gets a share. */
interface Party {
  /** Milliseconds it has had, raised to what the others had when it came back after a pause. */
  had: number;
}

interface Task {
  readonly step: Step;
  readonly since: number;
  started: boolean;
  resolve(): void;
  reject(error: unknown): void;
}

interface Tenant extends Party {
  /** Its flows that have something to do. */
  readonly ready: Shares<Flow>;
  flows: number;
}

interface Flow extends Party {
  readonly tenant: Tenant;
  /** In the order in which they come next. */
  readonly tasks: Set<Task>;
  spentMs: number;
}

/** Parties that have something to do, and how much those of them have had that had least. */
class Shares<T extends Party> {
  readonly #ready = new Set<T>();
  #least = 0;

  get size(): number {
    return this.#ready.size;
  }

  /** Credit is not saved up: who was away starts where the one is that had least. */
  enter(party: T): void {
    if (!this.#ready.has(party)) {
      party.had = Math.max(party.had, this.#least);
      this.#ready.add(party);
    }
  }

  leave(party: T): void {
    this.#ready.delete(party);
  }

  /** Who is next: the one that had least, of several the one that came last. */
  next(): T | undefined {
    let next: T | undefined;
    for (const party of this.#ready) {
      if (next === undefined || party.had <= next.had) {
        next = party;
      }
    }
    return next;
  }

  charge(party: T, ms: number): void {
    party.had += ms;
    if (this.#ready.delete(party)) {
      this.#ready.add(party);
    }
    this.#least = Math.max(this.#least, this.next()?.had ?? party.had);
  }
}

/** Makes a scheduler. Work that is handed in while there is time left in this turn is done at once. */
export function createFairScheduler(options: FairSchedulerOptions = {}): FairScheduler {
  const {
    turnMs = 2,
    sliceMs = 1,
    now = () => performance.now(),
    nextTurn = setImmediate,
    telemetry = noTelemetry,
  } = options;
  const tenants = new Map<TenantId, Tenant>();
  const ready = new Shares<Tenant>();
  let waiting = 0;
  /** Milliseconds that steps have taken in this turn. */
  let used = 0;
  let turnEnds = false;
  let running = false;
  const unlist = telemetry.queue(queueName, () => waiting);

  const settle = (flow: Flow, task: Task) => {
    flow.tasks.delete(task);
    waiting -= 1;
    if (flow.tasks.size === 0) {
      flow.tenant.ready.leave(flow);
      if (flow.tenant.ready.size === 0) {
        ready.leave(flow.tenant);
      }
    }
  };

  /** Runs a task for a slice; afterwards the flow's other tasks come first. */
  const slice = (flow: Flow, task: Task) => {
    const start = now();
    if (!task.started) {
      task.started = true;
      telemetry.waited(queueName, start - task.since);
    }
    const room = Math.min(sliceMs, turnMs - used);
    let ended: (() => void) | undefined;
    let took = 0;
    try {
      let done = false;
      do {
        done = task.step();
        took = now() - start;
        // The step itself may have closed the flow.
      } while (!done && took < room && flow.tasks.has(task));
      ended = done ? task.resolve : undefined;
    } catch (error) {
      took = now() - start;
      ended = () => task.reject(error);
    }
    used += took;
    flow.spentMs += took;
    flow.tenant.ready.charge(flow, took);
    ready.charge(flow.tenant, took);
    if (flow.tasks.has(task)) {
      if (ended !== undefined) {
        settle(flow, task);
      } else {
        flow.tasks.delete(task);
        flow.tasks.add(task);
      }
    }
    ended?.();
  };

  const drain = () => {
    if (running) {
      return;
    }
    running = true;
    while (used < turnMs) {
      const flow = ready.next()?.ready.next();
      const [task] = flow?.tasks ?? [];
      if (flow === undefined || task === undefined) {
        break;
      }
      slice(flow, task);
    }
    running = false;
    if (used > 0 && !turnEnds) {
      turnEnds = true;
      nextTurn(() => {
        turnEnds = false;
        used = 0;
        drain();
      });
    }
  };

  return {
    stop: unlist,
    flow(name) {
      const tenant: Tenant = tenants.get(name) ?? { had: 0, ready: new Shares(), flows: 0 };
      tenants.set(name, tenant);
      tenant.flows += 1;
      const flow: Flow = { had: 0, tenant, tasks: new Set(), spentMs: 0 };
      let closed = false;
      const gone = () =>
        new KumulusError('unavailable', 'the mesh is not held here any more, try again', {
          retryAfterSeconds: 1,
        });
      return {
        get spentMs() {
          return flow.spentMs;
        },
        run: (step) =>
          new Promise((resolve, reject) => {
            if (closed) {
              reject(gone());
              return;
            }
            flow.tasks.add({ step, since: now(), started: false, resolve, reject });
            waiting += 1;
            tenant.ready.enter(flow);
            ready.enter(tenant);
            drain();
          }),
        close() {
          if (closed) {
            return;
          }
          closed = true;
          for (const task of flow.tasks) {
            settle(flow, task);
            task.reject(gone());
          }
          tenant.flows -= 1;
          if (tenant.flows === 0) {
            tenants.delete(name);
          }
        },
      };
    },
  };
}
