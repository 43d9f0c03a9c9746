import { KumulusError } from '../../model/errors.ts';
import type { Logger } from '../../model/ports.ts';
import type { HealthSession, HealthSource } from '../health/health-session.ts';
import { readHealthMessage } from '../health/report.ts';
import { type HealthSettings, healthCheckSpecifier } from '../health/specifier.ts';
import { readNode } from '../node.ts';
import { grpcStatusOf } from '../status.ts';
import type { Admission } from './admission.ts';
import type { BytesCall } from './bytes-call.ts';
import type { Caller } from './caller.ts';
import type { OpenStreams } from './open-streams.ts';

export interface HdsDeps {
  /** Undefined where nobody wants to know: streams are then accepted and asked for nothing, for Envoy would open them again and again. */
  readonly health: HealthSource | undefined;
  readonly healthSettings: HealthSettings;
  readonly admission: Admission;
  readonly streams: OpenStreams;
  readonly logger: Logger;
  identify(call: BytesCall): Promise<Caller>;
}

/** Serves one stream of health checks (HDS): tells Envoy what to check, and passes on what changes in its reports. */
export function serveHds(call: BytesCall, deps: HdsDeps): void {
  let session: HealthSession | undefined;
  let opening = false;
  let over = false;
  /** The last report that was kept. Envoy repeats itself every few seconds, so equal bytes are not even read. */
  let last: Buffer = Buffer.alloc(0);
  let asked: Buffer = Buffer.alloc(0);

  const finish = () => {
    if (!over) {
      over = true;
      entry.remove();
      session?.close();
    }
  };

  const end = (error: unknown) => {
    if (over) {
      return;
    }
    const { code, details } = grpcStatusOf(error);
    if (error instanceof KumulusError) {
      deps.logger.info('HDS stream ends', { peer: call.getPeer(), code, details });
    } else {
      deps.logger.error('HDS stream failed', { peer: call.getPeer(), error });
    }
    finish();
    entry.closing();
    call.emit('error', Object.assign(new Error(details), { code, details }));
  };

  const entry = deps.streams.add(call, end);

  const open = async (source: HealthSource, bytes: Buffer) => {
    const message = readHealthMessage(bytes);
    const { mesh, name, metadata } = readNode(message.kind === 'request' ? message.node : undefined);
    const opened = await deps.admission.run(
      async () => source.open({ ...(await deps.identify(call)), mesh, name, metadata }),
      () => over,
    );
    if (over) {
      opened.close();
      return;
    }
    session = opened;
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
        call.write(specifier);
      }
    });
    call.resume();
  };

  const report = (to: HealthSession, bytes: Buffer) => {
    if (bytes.equals(last)) {
      return;
    }
    const message = readHealthMessage(bytes);
    if (message.kind === 'report') {
      last = bytes;
      to.report(message.report).catch((error: unknown) => {
        last = Buffer.alloc(0);
        deps.logger.warn('a health report was not kept', { peer: call.getPeer(), error: String(error) });
      });
    }
  };

  call.on('data', (bytes: Buffer) => {
    try {
      if (session !== undefined) {
        report(session, bytes);
      } else if (!opening && deps.health !== undefined) {
        opening = true;
        call.pause();
        open(deps.health, bytes).catch(end);
      }
    } catch (error) {
      end(error);
    }
  });
  call.on('end', () => {
    finish();
    call.end();
  });
  call.on('cancelled', finish);
  call.on('close', finish);
}
