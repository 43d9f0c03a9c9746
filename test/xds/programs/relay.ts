import { createInterface } from 'node:readline';
import { create } from '@bufbuild/protobuf';
import * as z from 'zod';
import { encodeCluster } from '../../../src/compile/encoded.ts';
import { type EncodedResource, type Snapshot, typeUrls } from '../../../src/compile/snapshot.ts';
import { ClusterSchema } from '../../../src/envoy/gen/envoy/config/cluster/v3/cluster_pb.ts';
import { silentLogger } from '../../../src/model/ports.ts';
import { defaultTenant } from '../../../src/model/tenant.ts';
import { createRelayServer } from '../../../src/xds/server/relay-server.ts';
import type { ProxySession } from '../../../src/xds/session.ts';
import { noHealth } from '../../support/no-health.ts';

/**
 * A relay as a process of its own, so that its memory can be measured. The first line of standard input is its
 * certificate with its key, as JSON. Serves everybody the same 300 KB of clusters; the line `publish` changes all of
 * them, any other asks for numbers as a line of JSON.
 */
const settings = {
  maxUnsentBytes: 32 * 1024 * 1024,
  stalledMs: 1000,
  farewellMs: 100,
  admissionConcurrency: 1000,
  handshakesPerTurn: 1000,
};

const none: ReadonlyMap<string, EncodedResource> = new Map();
function snapshotAt(revision: number): Snapshot {
  const clusters = Array.from({ length: 300 }, (_, index) =>
    encodeCluster(
      create(ClusterSchema, { name: `c-${index}`, altStatName: `${revision}${'x'.repeat(1000)}` }),
    ),
  );
  return {
    revision,
    resources: {
      [typeUrls.cluster]: new Map(clusters.map((each) => [each.name, each])),
      [typeUrls.endpoint]: none,
      [typeUrls.listener]: none,
      [typeUrls.route]: none,
      [typeUrls.secret]: none,
    },
  };
}

let newest = snapshotAt(1);
const listeners = new Set<(snapshot: Snapshot) => void>();

function openSession(): ProxySession {
  let listener: ((snapshot: Snapshot) => void) | undefined;
  return {
    get snapshot() {
      return newest;
    },
    onSnapshot(next) {
      listener = next;
      listeners.add(next);
      next(newest);
    },
    onEnd() {},
    sent() {},
    acknowledged() {},
    rejected() {},
    completed() {},
    answered() {},
    close() {
      if (listener !== undefined) {
        listeners.delete(listener);
      }
    },
  };
}

const input = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const materialSchema = z.object({ cert: z.string(), key: z.string() });
const material = await input.next();
const server = createRelayServer({
  tls: materialSchema.parse(JSON.parse(material.value ?? '')),
  sessions: { open: async () => openSession() },
  health: noHealth,
  bootstrap: async () => ({ status: 404, body: '' }),
  tenantOf: () => defaultTenant,
  logger: silentLogger,
  settings,
});
const say = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`);
say(await server.listen(0, '127.0.0.1'));

for (let line = await input.next(); line.done !== true; line = await input.next()) {
  if (line.value === 'publish') {
    newest = snapshotAt(newest.revision + 1);
    for (const listener of listeners) {
      listener(newest);
    }
  } else {
    global.gc?.();
    const timers = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    say({ ...server.load, sessions: listeners.size, timers, rss: process.memoryUsage.rss() });
  }
}
