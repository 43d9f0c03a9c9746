/** When those changes of a mesh were committed that not all of its members were told of. */
export interface CommitTimes {
  /**
   * A change was made.
   *
   * @param time milliseconds since 1970.
   */
  add(revision: number, time: number): void;
  /** When the oldest change after this revision was made; undefined where there is none, or it is not known. */
  oldestAfter(revision: number): number | undefined;
}

/** How many are kept; of a mesh that is further behind, the oldest that are kept stand for all. */
const maxKept = 10_000;

/** Keeps the times of changes until they are asked for after a later one. Revisions come in order. */
export function createCommitTimes(): CommitTimes {
  let kept: { readonly revision: number; readonly time: number }[] = [];
  return {
    add(revision, time) {
      if (kept.length < maxKept) {
        kept.push({ revision, time });
      }
    },
    oldestAfter(revision) {
      const first = kept.findIndex((one) => one.revision > revision);
      if (first !== 0) {
        kept = first < 0 ? [] : kept.slice(first);
      }
      return kept[0]?.time;
    },
  };
}
