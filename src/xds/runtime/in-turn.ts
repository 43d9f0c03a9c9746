import type { FairFlow } from './fair-scheduler.ts';

/** Does a piece of work, which waits for nothing, when it is its turn. */
export type InTurn = <Result>(work: () => Result) => Promise<Result>;

/** Somebody whose turn is to come. */
interface Waiting {
  serve(): void;
  turnAway(reason: unknown): void;
}

/**
 * Makes one line of a flow's small pieces of work. Together they are one among the flow's tasks, so that however many
 * proxies wait to be let in, what is to be told to those that are there has every other slice.
 *
 * @throws KumulusError (the function that it gives) `unavailable` where the flow is closed, and what the work throws.
 */
export function createInTurn(flow: FairFlow): InTurn {
  let line: Waiting[] = [];
  let served = 0;
  let isOpen = false;

  const step = () => {
    const next = line[served];
    served += 1;
    next?.serve();
    if (served < line.length) {
      return false;
    }
    line = [];
    served = 0;
    isOpen = false;
    return true;
  };

  const turnAway = (reason: unknown) => {
    const left = line.slice(served);
    line = [];
    served = 0;
    isOpen = false;
    for (const waiting of left) {
      waiting.turnAway(reason);
    }
  };

  return (work) =>
    new Promise((resolve, reject) => {
      const serve = () => {
        try {
          resolve(work());
        } catch (error) {
          reject(error);
        }
      };
      line.push({ serve, turnAway: reject });
      if (!isOpen) {
        isOpen = true;
        flow.run(step).catch(turnAway);
      }
    });
}
