/** One piece of work that waits for its scopes. */
export interface QueuedWork {
  /** What it touches. Work on the same scope runs in the order in which it came. */
  readonly scopes: ReadonlySet<string>;
  /** What it will take of one transaction, beside what each scope does. */
  readonly operations: number;
  readonly bytes: number;
  /** Runs alone, joined by nothing. */
  readonly alone: boolean;
}

export interface CommitQueueOptions<Work extends QueuedWork> {
  readonly maxOperations: number;
  /** What each scope takes of `maxOperations`, once a group. */
  readonly operationsPerScope: number;
  readonly maxBytes: number;
  /** Runs a group. It settles each work itself and never rejects. */
  run(group: readonly Work[]): Promise<void>;
}

export interface CommitQueue<Work extends QueuedWork> {
  push(work: Work): void;
}

/**
 * Groups work: what waits for the same scopes runs together, up to the limits of a transaction; what shares no scope
 * runs side by side.
 */
export function createCommitQueue<Work extends QueuedWork>(
  options: CommitQueueOptions<Work>,
): CommitQueue<Work> {
  let waiting: Work[] = [];
  const busy = new Set<string>();
  let scheduled = false;

  /** Takes the next group out of `waiting`; undefined where everything that waits is held up. */
  function nextGroup(): Work[] | undefined {
    const blocked = new Set(busy);
    const group: Work[] = [];
    const rest: Work[] = [];
    let scopes: ReadonlySet<string> = new Set();
    let operations = 0;
    let bytes = 0;
    for (const work of waiting) {
      const free = [...work.scopes].every((scope) => !blocked.has(scope));
      const first = group.length === 0;
      const joins =
        !work.alone &&
        group[0]?.alone === false &&
        [...work.scopes].every((scope) => scopes.has(scope)) &&
        operations + work.operations <= options.maxOperations &&
        bytes + work.bytes <= options.maxBytes;
      if (free && (first || joins)) {
        group.push(work);
        scopes = first ? work.scopes : scopes;
        operations += work.operations + (first ? scopes.size * options.operationsPerScope : 0);
        bytes += work.bytes;
      } else {
        rest.push(work);
        for (const scope of work.scopes) {
          blocked.add(scope);
        }
      }
    }
    waiting = rest;
    return group.length > 0 ? group : undefined;
  }

  async function runGroup(group: readonly Work[]): Promise<void> {
    const scopes = group[0]?.scopes ?? new Set<string>();
    for (const scope of scopes) {
      busy.add(scope);
    }
    try {
      await options.run(group);
    } finally {
      for (const scope of scopes) {
        busy.delete(scope);
      }
      schedule();
    }
  }

  function schedule(): void {
    if (scheduled || waiting.length === 0) {
      return;
    }
    scheduled = true;
    // Later in the same turn, so that callers that were woken together join one group.
    setImmediate(() => {
      scheduled = false;
      for (let group = nextGroup(); group !== undefined; group = nextGroup()) {
        void runGroup(group);
      }
    });
  }

  return {
    push(work) {
      waiting.push(work);
      schedule();
    },
  };
}
