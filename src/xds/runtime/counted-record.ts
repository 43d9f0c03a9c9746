import type { TypeUrl } from '../../compile/snapshot.ts';
import type { Clock } from '../../model/ports.ts';
import type { ProxyTelemetry } from '../../model/telemetry.ts';
import type { MtlsInsight } from '../../store/insights.ts';
import type { StreamRecord } from './insight-recorder.ts';

export interface CountedRecordDeps {
  readonly proxy: ProxyTelemetry;
  readonly clock: Clock;
  /** See `MeshRuntime.untoldSince`. */
  readonly untoldSince: () => number | undefined;
}

/** Changes that a proxy may be behind and that are told apart; of one that does not read, later ones count with the last. */
const maxPending = 16;

interface Pending {
  revision: number;
  /** When the oldest change in it was committed. */
  readonly since: number;
}

/**
 * The same record, which also tells how often what happened, and for each state of the mesh that was news to the proxy
 * how long it took: from the commit of the oldest change in it to the moment when the proxy has all of it, whatever
 * has come after it.
 */
export function countedRecord(record: StreamRecord, deps: CountedRecordDeps): StreamRecord {
  return new CountedRecord(record, deps);
}

class CountedRecord implements StreamRecord {
  readonly #record: StreamRecord;
  readonly #deps: CountedRecordDeps;
  #given: number | undefined;
  /** Undefined while there is nothing, as mostly. */
  #pending: Pending[] | undefined;

  constructor(record: StreamRecord, deps: CountedRecordDeps) {
    this.#record = record;
    this.#deps = deps;
  }

  configured(revision: number): void {
    this.#record.configured(revision);
    if (this.#given !== undefined && revision !== this.#given) {
      this.#begin(revision);
    }
    this.#given = revision;
  }

  notConfigured(): void {
    this.#record.notConfigured();
  }

  completed(revision: number): void {
    this.#record.completed(revision);
    if (this.#pending !== undefined) {
      const now = this.#deps.clock();
      const left: Pending[] = [];
      for (const each of this.#pending) {
        if (each.revision <= revision) {
          this.#deps.proxy.completed(now - each.since);
        } else {
          left.push(each);
        }
      }
      this.#pending = left.length === 0 ? undefined : left;
    }
  }

  answered(revision: number, refused: readonly TypeUrl[]): void {
    this.#record.answered(revision, refused);
  }

  sent(typeUrl: TypeUrl, revision: number, bytes: number): void {
    this.#record.sent(typeUrl, revision, bytes);
    this.#deps.proxy.pushed(typeUrl, bytes);
  }

  acknowledged(typeUrl: TypeUrl, revision: number): void {
    this.#record.acknowledged(typeUrl, revision);
    this.#deps.proxy.acknowledged(typeUrl);
  }

  rejected(typeUrl: TypeUrl, message: string): void {
    this.#record.rejected(typeUrl, message);
    this.#deps.proxy.rejected(typeUrl);
  }

  identity(mtls: MtlsInsight | undefined): void {
    this.#record.identity(mtls);
  }

  closed(): void {
    this.#record.closed();
    this.#deps.proxy.disconnected();
  }

  #begin(revision: number): void {
    const last = this.#pending?.at(-1);
    if (last !== undefined && (this.#pending?.length ?? 0) >= maxPending) {
      last.revision = revision;
      return;
    }
    const since = this.#deps.untoldSince();
    if (since !== undefined) {
      this.#pending ??= [];
      this.#pending.push({ revision, since });
    }
  }
}
