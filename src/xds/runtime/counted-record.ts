import type { Clock } from '../../model/ports.ts';
import type { ProxyTelemetry } from '../../model/telemetry.ts';
import type { StreamRecord } from './insight-recorder.ts';

export interface CountedRecordDeps {
  readonly proxy: ProxyTelemetry;
  readonly clock: Clock;
  /** See `MeshRuntime.untoldSince`. */
  readonly untoldSince: () => number | undefined;
}

/**
 * The same record, which also tells how often what happened, and how long changes took to be taken: from the commit of
 * the oldest one that the proxy does not have to the moment when it has all.
 */
export function countedRecord(
  record: StreamRecord,
  { proxy, clock, untoldSince }: CountedRecordDeps,
): StreamRecord {
  let given: number | undefined;
  let behindSince: number | undefined;
  return {
    ...record,
    configured(revision) {
      record.configured(revision);
      if (given !== undefined && revision !== given) {
        behindSince ??= untoldSince();
      }
      given = revision;
    },
    completed(revision) {
      record.completed(revision);
      if (behindSince !== undefined && revision === given) {
        proxy.completed(clock() - behindSince);
        behindSince = undefined;
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
