import { noTelemetry, type Telemetry } from '../../model/telemetry.ts';
import type { TenantId } from '../../model/tenant.ts';

/** Lets few reads of the store run at once, and each tenant only some of those. */
export interface FairGate {
  /** Runs `work` when it is its turn: those who wait come in turn by tenant. */
  run<Result>(tenant: TenantId, work: () => Promise<Result>): Promise<Result>;
  /** Nobody is told of its queue any more. */
  stop(): void;
}

export interface FairGateOptions {
  /** How many run at once; 32 unless told. */
  readonly width?: number;
  /** How many of one tenant run at once, so that others find a place even where the store is slow; 8 unless told. */
  readonly perTenant?: number;
  readonly telemetry?: Pick<Telemetry, 'queue' | 'waited'>;
}

/** The name under which the gate tells how many wait. */
const queueName = 'mesh reads';

/** Makes a gate. */
export function createFairGate(options: FairGateOptions = {}): FairGate {
  const { width = 32, perTenant = 8, telemetry = noTelemetry } = options;
  const running = new Map<TenantId, number>();
  /** By tenant; the one whose turn is longest ago comes first. */
  const waiting = new Map<TenantId, (() => void)[]>();
  let total = 0;
  const unlist = telemetry.queue(queueName, () =>
    [...waiting.values()].reduce((sum, { length }) => sum + length, 0),
  );

  const mayRun = (tenant: TenantId) => total < width && (running.get(tenant) ?? 0) < perTenant;

  const enter = (tenant: TenantId) => {
    total += 1;
    running.set(tenant, (running.get(tenant) ?? 0) + 1);
  };

  const letIn = () => {
    for (const [tenant, line] of waiting) {
      if (mayRun(tenant)) {
        const next = line.shift();
        waiting.delete(tenant);
        if (line.length > 0) {
          waiting.set(tenant, line);
        }
        enter(tenant);
        next?.();
        return;
      }
    }
  };

  const leave = (tenant: TenantId) => {
    total -= 1;
    const left = (running.get(tenant) ?? 0) - 1;
    if (left > 0) {
      running.set(tenant, left);
    } else {
      running.delete(tenant);
    }
    letIn();
  };

  const turn = async (tenant: TenantId) => {
    if (mayRun(tenant)) {
      enter(tenant);
      return;
    }
    const start = performance.now();
    const line = waiting.get(tenant) ?? [];
    waiting.set(tenant, line);
    await new Promise<void>((resolve) => line.push(resolve));
    telemetry.waited(queueName, performance.now() - start);
  };

  return {
    stop: unlist,
    async run(tenant, work) {
      await turn(tenant);
      try {
        return await work();
      } finally {
        leave(tenant);
      }
    },
  };
}
