import { isKumulusError, KumulusError } from '../../model/errors.ts';
import type { Logger } from '../../model/ports.ts';
import type { Telemetry } from '../../model/telemetry.ts';
import type { HealthSession, HealthSource } from '../health/health-session.ts';
import { readHealthMessage } from '../health/report.ts';
import { type HealthSettings, healthCheckSpecifier } from '../health/specifier.ts';
import { readNode } from '../node.ts';
import { grpcStatusOf } from '../status.ts';
import type { Admission } from './admission.ts';
import type { BytesCall } from './bytes-call.ts';
import type { Caller } from './caller.ts';
import { createDelivery, type DeliveryLimits } from './delivery.ts';
import type { OpenStreams } from './open-streams.ts';
import type { Pace } from './pace.ts';
import { createReports } from './reports.ts';
import { openStreamAccount } from './stream-account.ts';

export interface HdsDeps {
  /** Undefined where nobody wants to know: streams are then accepted and asked for nothing, for Envoy would open them again and again. */
  readonly health: HealthSource | undefined;
  readonly healthSettings: HealthSettings;
  readonly admission: Admission;
  readonly streams: OpenStreams;
  readonly logger: Logger;
  readonly telemetry: Pick<Telemetry, 'streamOpened' | 'streamEnded'>;
  /** Milliseconds that a stream may be open without a first request. */
  readonly firstRequestMs: number;
  readonly delivery: DeliveryLimits;
  /** How quickly a stream's messages are read; further ones wait in the proxy. */
  readonly newPace: () => Pace;
  /** How quickly a proxy's reports are kept; of those that come more quickly the last one is. */
  readonly newReportPace: () => Pace;
  identify(call: BytesCall): Promise<Caller>;
}

/** Serves one stream of health checks (HDS): tells Envoy what to check, and passes on what changes in its reports. */
export function serveHds(call: BytesCall, deps: HdsDeps): void {
  let session: HealthSession | undefined;
  let opening = false;
  let over = false;
  let asked: Buffer = Buffer.alloc(0);
  /** What is to be asked, where that is not yet written. */
  let question: Buffer | undefined;
  let paceTimer: NodeJS.Timeout | undefined;
  const pace = deps.newPace();
  const account = openStreamAccount({ ...deps, protocol: 'hds', peer: call.getPeer() });

  const finish = () => {
    if (!over) {
      over = true;
      account.ended();
      clearTimeout(firstRequestTimer);
      clearTimeout(paceTimer);
      delivery.stop();
      reports.stop();
      entry.remove();
      session?.close();
    }
  };

  const end = (error: unknown) => {
    if (over) {
      return;
    }
    const { code, details } = grpcStatusOf(error);
    account.ended(error);
    finish();
    entry.closing();
    call.emit('error', Object.assign(new Error(details), { code, details }));
  };

  const entry = deps.streams.add(call, end);
  const firstRequestTimer = setTimeout(
    () => end(new KumulusError('bad_request', `no request arrived within ${deps.firstRequestMs} ms`)),
    deps.firstRequestMs,
  );

  const delivery = createDelivery({
    call,
    limits: deps.delivery,
    end,
    cut(reason) {
      end(reason);
      entry.cut();
    },
    next() {
      const newest = question;
      question = undefined;
      return newest;
    },
  });

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
          end(error);
        } else {
          deps.logger.warn('a health report was not kept', { ...account.owner, error });
        }
        throw error;
      }
    },
  });

  const open = async (source: HealthSource, bytes: Buffer) => {
    const caller = await deps.identify(call);
    account.of({ tenant: caller.tenant });
    const visitor = { tenant: caller.tenant, bytes: bytes.length, hasGone: () => over };
    const { metadata, opened } = await deps.admission.run(visitor, async () => {
      const message = readHealthMessage(bytes);
      const node = readNode(message.kind === 'request' ? message.node : undefined);
      const { mesh, name, metadata } = node;
      account.of({ mesh, name });
      return { metadata, opened: await source.open({ ...caller, mesh, name, metadata }) };
    });
    if (over) {
      opened.close();
      return;
    }
    session = opened;
    account.letIn();
    opened.onEnd(end);
    opened.onDataplane((dataplane) => {
      const specifier = healthCheckSpecifier({
        dataplane,
        adminPort: metadata.adminPort,
        unifiedNaming: metadata.features.has('feature-unified-resource-naming'),
        settings: deps.healthSettings,
      });
      if (!over && !specifier.equals(asked)) {
        asked = specifier;
        question = specifier;
        delivery.pump();
      }
    });
    call.resume();
  };

  /** Reads no further than the pace allows: who sends more waits, and nobody else with it. */
  const keepPace = () => {
    const waitMs = pace();
    if (waitMs > 0) {
      call.pause();
      paceTimer = setTimeout(() => call.resume(), waitMs);
    }
  };

  call.on('data', (bytes: Buffer) => {
    if (over) {
      return;
    }
    clearTimeout(firstRequestTimer);
    if (session !== undefined) {
      keepPace();
      reports.offer(bytes);
    } else if (!opening && deps.health !== undefined) {
      opening = true;
      call.pause();
      open(deps.health, bytes).catch(end);
    }
  });
  call.on('end', () => {
    finish();
    entry.closing();
    call.end();
  });
  call.on('cancelled', finish);
  call.on('close', finish);
}
