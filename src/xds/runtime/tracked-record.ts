import type { TypeUrl } from '../../compile/snapshot.ts';
import type { MtlsInsight } from '../../store/insights.ts';
import type { StreamInsight, StreamRecord } from './insight-recorder.ts';
import type { ProxyProgress } from './mesh-progress.ts';

/** A record of a stream that tells the insight of its proxy and how far its mesh has got. */
export function trackedRecord(insight: StreamInsight, progress: ProxyProgress): StreamRecord {
  return new TrackedRecord(insight, progress);
}

class TrackedRecord implements StreamRecord {
  readonly #insight: StreamInsight;
  readonly #progress: ProxyProgress;

  constructor(insight: StreamInsight, progress: ProxyProgress) {
    this.#insight = insight;
    this.#progress = progress;
  }

  sent(typeUrl: TypeUrl, revision: number, bytes: number): void {
    this.#insight.sent(typeUrl, revision, bytes);
  }

  acknowledged(typeUrl: TypeUrl, revision: number): void {
    this.#insight.acknowledged(typeUrl, revision);
  }

  rejected(typeUrl: TypeUrl, message: string): void {
    this.#insight.rejected(typeUrl, message);
    this.#progress.rejected(typeUrl, message);
  }

  configured(revision: number): void {
    this.#progress.configured(revision);
  }

  notConfigured(): void {
    this.#progress.notConfigured();
  }

  completed(revision: number): void {
    this.#progress.completed(revision);
  }

  answered(revision: number, refused: readonly TypeUrl[]): void {
    this.#insight.answered(revision, refused);
    this.#progress.answered(revision, refused);
  }

  identity(mtls: MtlsInsight | undefined): void {
    this.#insight.identity(mtls);
  }

  closed(): void {
    this.#insight.closed();
    this.#progress.closed();
  }
}
