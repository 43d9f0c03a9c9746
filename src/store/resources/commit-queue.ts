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

/** Work that will run together. */
class Group<Work extends QueuedWork> {
  readonly works: Work[];
  readonly #first: Work;
  readonly #options: CommitQueueOptions<Work>;
  #operations: number;
  #bytes: number;

  constructor(first: Work, options: CommitQueueOptions<Work>) {
    this.works = [first];
    this.#first = first;
    this.#options = options;
    this.#operations = first.operations + first.scopes.size * options.operationsPerScope;
    this.#bytes = first.bytes;
  }

  get scopes(): ReadonlySet<string> {
    return this.#first.scopes;
  }

  /** Takes the work in where it touches nothing else and there is room. */
  join(work: Work): boolean {
    const { maxOperations, maxBytes } = this.#options;
    const fits =
      !work.alone &&
      !this.#first.alone &&
      every(work.scopes, (scope) => this.scopes.has(scope)) &&
      this.#operations + work.operations <= maxOperations &&
      this.#bytes + work.bytes <= maxBytes;
    if (fits) {
      this.works.push(work);
      this.#operations += work.operations;
      this.#bytes += work.bytes;
    }
    return fits;
  }
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
  function nextGroup(): Group<Work> | undefined {
    // What is passed over holds its scopes, so that nothing that came later overtakes it.
    const held = new Set(busy);
    const rest: Work[] = [];
    let group: Group<Work> | undefined;
    for (const work of waiting) {
      const free = every(work.scopes, (scope) => !held.has(scope));
      if (free && group === undefined) {
        group = new Group(work, options);
      } else if (!free || group?.join(work) !== true) {
        rest.push(work);
        for (const scope of work.scopes) {
          held.add(scope);
        }
      }
    }
    waiting = rest;
    return group;
  }

  async function runGroup({ works, scopes }: Group<Work>): Promise<void> {
    for (const scope of scopes) {
      busy.add(scope);
    }
    try {
      await options.run(works);
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

function every<Element>(elements: Iterable<Element>, holds: (element: Element) => boolean): boolean {
  for (const element of elements) {
    if (!holds(element)) {
      return false;
    }
  }
  return true;
}
