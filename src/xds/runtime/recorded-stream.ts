import { type TypeUrl, typeUrls } from '../../compile/snapshot.ts';
import type { MtlsInsight, ServiceStats, StatsName } from '../../store/insights.ts';
import type { InsightGroups } from './insight-groups.ts';
import type { InsightRecorderDeps, StreamInsight } from './insight-recorder.ts';
import type { StreamEntry } from './stream-entry.ts';

const statsNames: Readonly<Record<TypeUrl, StatsName>> = {
  [typeUrls.cluster]: 'cds',
  [typeUrls.endpoint]: 'eds',
  [typeUrls.listener]: 'lds',
  [typeUrls.route]: 'rds',
  [typeUrls.secret]: 'sds',
};

/** Envoy's words can be long; what is kept of them is enough to find the cause. */
const maxMessage = 2_000;

/** What all streams of a recorder share. */
export interface Desk extends Pick<InsightRecorderDeps, 'clock'> {
  readonly groups: InsightGroups;
  readonly open: Set<StreamEntry>;
}

/** Makes what is told of a stream, which goes into its entry. */
export function recordedStream(entry: StreamEntry, desk: Desk): StreamInsight {
  return new RecordedStream(entry, desk);
}

class RecordedStream implements StreamInsight {
  readonly #entry: StreamEntry;
  readonly #desk: Desk;

  constructor(entry: StreamEntry, desk: Desk) {
    this.#entry = entry;
    this.#desk = desk;
  }

  sent(typeUrl: TypeUrl, revision: number): void {
    this.#count(typeUrl, 'responsesSent');
    this.#entry.givenRevision = revision;
    this.#touch('counters');
  }

  acknowledged(typeUrl: TypeUrl, revision: number): void {
    const isNews = this.#entry.acknowledgedRevision === undefined;
    this.#count(typeUrl, 'responsesAcknowledged');
    this.#entry.acknowledgedRevision = revision;
    this.#touch(isNews ? 'news' : 'counters');
  }

  rejected(typeUrl: TypeUrl, message: string): void {
    this.#count(typeUrl, 'responsesRejected');
    this.#entry.refused.add(statsNames[typeUrl]);
    this.#entry.lastNack = { typeUrl, message: message.slice(0, maxMessage), time: this.#now() };
    this.#touch('news');
  }

  answered(_: number, refused: readonly TypeUrl[]): void {
    const before = this.#entry.refused;
    const names = refused.map((typeUrl) => statsNames[typeUrl]);
    if (names.length !== before.size || names.some((name) => !before.has(name))) {
      this.#entry.refused = new Set(names);
      this.#touch('news');
    }
  }

  identity(mtls: MtlsInsight | undefined): void {
    this.#entry.mtls = mtls;
    this.#touch('news');
  }

  closed(): void {
    this.#entry.disconnectTime = this.#now();
    // What is over need not hear of a newer one, nor hold the session that would.
    const { onSuperseded: _, ...rest } = this.#entry.start;
    this.#entry.start = rest;
    this.#desk.open.delete(this.#entry);
    this.#touch('news');
  }

  #now(): string {
    return new Date(this.#desk.clock()).toISOString();
  }

  #touch(what: 'news' | 'counters'): void {
    this.#desk.groups.touch(this.#entry, what);
  }

  #count(typeUrl: TypeUrl, member: keyof ServiceStats): void {
    const { stats } = this.#entry;
    countIn(stats, statsNames[typeUrl], member);
    countIn(stats, 'total', member);
    this.#entry.lastUpdate = this.#desk.clock();
  }
}

function countIn(stats: StreamEntry['stats'], name: StatsName, member: keyof ServiceStats): void {
  let counters = stats.get(name);
  if (counters === undefined) {
    counters = { responsesSent: 0, responsesAcknowledged: 0, responsesRejected: 0 };
    stats.set(name, counters);
  }
  counters[member] += 1;
}
