import type { Pace } from './pace.ts';

export interface ReportsDeps {
  readonly pace: Pace;
  /** Keeps a report; where it rejects, the same report is taken again. */
  readonly keep: (report: Buffer) => Promise<void>;
}

/** The reports of one proxy on their way into the store. */
export interface Reports {
  /** Takes a report, which says all there is to say: one that waits is replaced by it. */
  offer(report: Buffer): void;
  stop(): void;
}

/** Keeps one report after the other, at a pace. Envoy repeats itself every few seconds, so equal bytes are not even read. */
export function createReports({ pace, keep }: ReportsDeps): Reports {
  let kept: Buffer = Buffer.alloc(0);
  let latest: Buffer | undefined;
  let busy = false;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  const run = async () => {
    while (latest !== undefined && !busy && timer === undefined && !stopped) {
      const report = latest;
      latest = undefined;
      if (report.equals(kept)) {
        continue;
      }
      busy = true;
      kept = report;
      const waitMs = pace();
      try {
        await keep(report);
      } catch {
        kept = Buffer.alloc(0);
      }
      busy = false;
      if (waitMs > 0 && !stopped) {
        timer = setTimeout(() => {
          timer = undefined;
          void run();
        }, waitMs);
      }
    }
  };

  return {
    offer(report) {
      latest = report;
      void run();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
