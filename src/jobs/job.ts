import type { Logger } from '../model/ports.ts';
import type { Deadline } from './deadline.ts';

/** One step of a job: short, complete in itself, and harmless when it is done twice, also at the same time. */
export interface Step {
  /** What it is about, for the log. */
  readonly about: Readonly<Record<string, unknown>>;
  run(): Promise<void>;
}

/** Work that is found in a list of what is due. What a step has done is off its list, so the list is the job's cursor. */
export interface Job {
  /** For logs and metrics. */
  readonly name: string;
  /** The steps that are due, found while they are asked for. */
  steps(): AsyncGenerator<Step, void, void>;
}

export interface JobOutcome {
  readonly steps: number;
  readonly failed: number;
  /** Whether the list was worked through; otherwise the next run goes on. */
  readonly isDone: boolean;
}

/** Steps of one job at the same time. Most of a step is waiting for the table. */
const lanes = 6;

/**
 * Works through what is due, until it is done or the deadline is over. A step that fails is logged, keeps nothing else
 * from being done and is tried again by the next run.
 */
export async function runJob(job: Job, deadline: Deadline, logger: Logger): Promise<JobOutcome> {
  const steps = job.steps();
  let count = 0;
  let failed = 0;
  let isDone = false;

  const lane = async () => {
    while (!isDone && !deadline.isOver()) {
      const next = await steps.next();
      if (next.done === true) {
        isDone = true;
        return;
      }
      count += 1;
      try {
        await next.value.run();
      } catch (error) {
        failed += 1;
        logger.error('a step of a job failed', { job: job.name, ...next.value.about, error });
      }
    }
  };

  try {
    await Promise.all(Array.from({ length: lanes }, lane));
  } catch (error) {
    failed += 1;
    isDone = false;
    logger.error('what is due could not be found', { job: job.name, error });
  }
  await steps.return();
  return { steps: count, failed, isDone };
}
