import { isKumulusError } from '../../model/errors.ts';
import type { HealthSession, HealthSource } from '../health/health-session.ts';
import { readHealthMessage } from '../health/report.ts';
import { type HealthSettings, healthCheckSpecifier } from '../health/specifier.ts';
import { readNode } from '../node.ts';
import type { BytesCall } from './bytes-call.ts';
import { type Conversation, type ConversationDeps, converse, type Talk } from './conversation.ts';
import type { Pace } from './pace.ts';
import { createReports } from './reports.ts';

export interface HdsDeps extends ConversationDeps {
  readonly health: HealthSource;
  readonly healthSettings: HealthSettings;
  /** How quickly a proxy's reports are kept; of those that come more quickly the last one is. */
  readonly newReportPace: () => Pace;
}

/** Serves one stream of health checks (HDS): tells Envoy what to check, and passes on what changes in its reports. */
export function serveHds(call: BytesCall, deps: HdsDeps): void {
  converse(call, deps, (conversation) => talkHds(deps, conversation));
}

function talkHds(
  deps: HdsDeps,
  conversation: Conversation,
): Talk<HealthSession, ReturnType<typeof readNode>['metadata']> {
  let session: HealthSession | undefined;
  let asked: Buffer = Buffer.alloc(0);
  /** What is to be asked, where that is not yet written. */
  let question: Buffer | undefined;

  const reports = createReports({
    pace: deps.newReportPace(),
    async keep(bytes) {
      try {
        const message = readHealthMessage(bytes);
        if (message.kind === 'report') {
          await session?.report(message.report);
        }
      } catch (error) {
        if (isKumulusError(error, 'bad_request')) {
          conversation.end(error);
        } else {
          deps.logger.warn('a health report was not kept', { ...conversation.account.owner, error });
        }
        throw error;
      }
    },
  });

  return {
    protocol: 'hds',
    async open(first, caller) {
      const message = readHealthMessage(first);
      const node = readNode(message.kind === 'request' ? message.node : undefined);
      const { mesh, name, metadata } = node;
      conversation.account.of({ mesh, name });
      return { request: metadata, session: await deps.health.open({ ...caller, mesh, name, metadata }) };
    },
    attend(opened, { adminPort, features }) {
      session = opened;
      opened.onEnd(conversation.end);
      opened.onDataplane((dataplane) => {
        const specifier = healthCheckSpecifier({
          dataplane,
          adminPort,
          unifiedNaming: features.has('feature-unified-resource-naming'),
          settings: deps.healthSettings,
        });
        if (!conversation.isOver && !specifier.equals(asked)) {
          asked = specifier;
          question = specifier;
          conversation.pump();
        }
      });
    },
    receive: reports.offer,
    next() {
      const newest = question;
      question = undefined;
      return newest;
    },
    close(opened) {
      reports.stop();
      opened?.close();
    },
  };
}
