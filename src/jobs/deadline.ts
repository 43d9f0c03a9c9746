/** Until when work may begin. */
export interface Deadline {
  isOver(): boolean;
}

/** For who may take as long as it takes. */
export const noDeadline: Deadline = { isOver: () => false };

/** What is begun has this long to end before the function is stopped, in milliseconds. */
const reserveMs = 20_000;

/**
 * A deadline that leaves time for what is under way.
 *
 * @param remainingMs how long the function may go on, in milliseconds, asked again each time (Lambda's
 *   `getRemainingTimeInMillis`).
 */
export function deadlineBefore(remainingMs: () => number): Deadline {
  // A function whose whole time is short works for half of it.
  const reserve = Math.min(reserveMs, remainingMs() / 2);
  return { isOver: () => remainingMs() <= reserve };
}
