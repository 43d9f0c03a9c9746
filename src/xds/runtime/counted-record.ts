import type { Clock } from '../../model/ports.ts';
import type { ProxyTelemetry } from '../../model/telemetry.ts';
import type { StreamRecord } from './insight-recorder.ts';

export interface CountedRecordDeps {
  readonly proxy: ProxyTelemetry;
  readonly clock: Clock;
  /** See `MeshRuntime.untoldSince`. */
  readonly untoldSince: () => number | undefined;
}

/** Changes that a proxy may be behind and that are told apart; of one that does not read, later ones count with the last. */
const maxPending = 16;

/**
 * The same record, which also tells how often what happened, and for each state of the mesh that was news to the proxy
 * how long it took: from the commit of the oldest change in it to the moment when the proxy has all of it, whatever
 * has come after it.
 */
export function countedRecord(
  record: StreamRecord,
  { proxy, clock, untoldSince }: CountedRecordDeps,
): StreamRecord {
  let given: number | undefined;
  let pending: { revision: number; readonly since: number }[] = [];

  const begin = (revision: number) => {
    const last = pending.at(-1);
    if (last !== undefined && pending.length >= maxPending) {
      last.revision = revision;
      return;
    }
    const since = untoldSince();
    if (since !== undefined) {
      pending.push({ revision, since });
    }
  };

  return {
    ...record,
    configured(revision) {
      record.configured(revision);
      if (given !== undefined && revision !== given) {
        begin(revision);
      }
      given = revision;
    },
    completed(revision) {
      record.completed(revision);
      if (pending.length > 0) {
        const now = clock();
        for (const each of pending) {
          if (each.revision <= revision) {
            proxy.completed(now - each.since);
          }
        }
        pending = pending.filter((each) => each.revision > revision);
      }
    },
    sent(typeUrl, revision, bytes) {
      record.sent(typeUrl, revision, bytes);
      proxy.pushed(typeUrl, bytes);
    },
    acknowledged(typeUrl, revision) {
      record.acknowledged(typeUrl, revision);
      proxy.acknowledged(typeUrl);
    },
    rejected(typeUrl, message) {
      record.rejected(typeUrl, message);
      proxy.rejected(typeUrl);
    },
    closed() {
      record.closed();
      proxy.disconnected();
    },
  };
}
