import type { Publisher } from '../events/publisher.ts';
import { noTelemetry, type Telemetry } from '../model/telemetry.ts';
import { type Deadline, noDeadline } from './deadline.ts';
import { runJob } from './job.ts';
import { type AllJobsDeps, allJobs } from './jobs.ts';

/** What is unpublished for so long was left by a process that died, or that could not reach the bus, in milliseconds. */
const unpublishedMs = 30_000;

export interface JobsDeps extends AllJobsDeps {
  /** Publishes what was left unpublished; absent where there are no events. */
  readonly publisher?: Pick<Publisher, 'sweep'>;
  /** Goes on with the deletion of tenants. */
  readonly removeDeletedTenants?: (isOver: () => boolean) => Promise<void>;
  readonly telemetry?: Pick<Telemetry, 'jobEnded'>;
}

/**
 * Does every job once, all at the same time, so that none keeps another from its share. What the deadline leaves is on
 * the lists for the next run. Never rejects.
 *
 * @returns the names of the jobs of which something failed; the log says what.
 */
export async function runJobs(deps: JobsDeps, deadline: Deadline = noDeadline): Promise<readonly string[]> {
  const { publisher, removeDeletedTenants, logger, telemetry = noTelemetry } = deps;

  const failed: string[] = [];
  const timed = async (name: string, work: () => Promise<boolean>) => {
    const start = performance.now();
    const isFine = await work();
    if (!isFine) failed.push(name);
    telemetry.jobEnded(name, isFine ? 'ok' : 'failed', performance.now() - start);
  };
  const whole = (name: string, work: () => Promise<unknown>) =>
    timed(name, async () => {
      try {
        await work();
        return true;
      } catch (error) {
        logger.error('a job failed', { job: name, error });
        return false;
      }
    });

  await Promise.all([
    whole('publish-events', async () => publisher?.sweep(unpublishedMs, deadline.isOver)),
    whole('remove-tenants', async () => removeDeletedTenants?.(deadline.isOver)),
    ...allJobs(deps).map((job) =>
      timed(job.name, async () => {
        const outcome = await runJob(job, deadline, logger);
        if (!outcome.isDone && outcome.failed === 0) {
          logger.info('a job goes on with the next run', { job: job.name, steps: outcome.steps });
        }
        return outcome.failed === 0;
      }),
    ),
  ]);
  return failed;
}

export interface Schedule {
  /** What is under way ends its steps and begins no more; resolves when it has. */
  stop(): Promise<void>;
}

/** Runs the jobs again and again, as EventBridge does in the cloud. */
export function createSchedule(deps: JobsDeps, everyMs: number): Schedule {
  let running: Promise<void> = Promise.resolve();
  let isOver = false;
  let waiting = false;
  const timer = setInterval(() => {
    // One that takes longer than the interval is followed by one more, and not by as many as were due.
    if (!waiting) {
      waiting = true;
      running = running.then(async () => {
        waiting = false;
        await runJobs(deps, { isOver: () => isOver });
      });
    }
  }, everyMs);
  return {
    async stop() {
      clearInterval(timer);
      isOver = true;
      await running;
    },
  };
}
