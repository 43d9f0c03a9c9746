import type { StreamInsight, StreamRecord } from './insight-recorder.ts';
import type { ProxyProgress } from './mesh-progress.ts';

/** A record of a stream that tells the insight of its proxy and how far its mesh has got. */
export function trackedRecord(insight: StreamInsight, progress: ProxyProgress): StreamRecord {
  return {
    sent: insight.sent,
    acknowledged: insight.acknowledged,
    rejected(typeUrl, message) {
      insight.rejected(typeUrl, message);
      progress.rejected(typeUrl, message);
    },
    configured: progress.configured,
    notConfigured: progress.notConfigured,
    completed: progress.completed,
    answered(revision, refused) {
      insight.answered(revision, refused);
      progress.answered(revision, refused);
    },
    identity: insight.identity,
    closed() {
      insight.closed();
      progress.closed();
    },
  };
}
