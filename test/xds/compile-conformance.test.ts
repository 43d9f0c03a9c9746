import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createCompiler } from '../../src/compile/create-compiler.ts';
import { snapshotToJson } from '../../src/compile/snapshot-json.ts';
import { compileAll, readMeshes } from './support/compile-fixture.ts';
import { differences, readRecording } from './support/same-configuration.ts';

const folder = process.env.CONFORMANCE_DIR ?? '../shared/conformance';

/** The recorded cases in which every proxy is given the same as by the reference. */
const same = [
  'xds/address-hostname',
  'xds/address-ipv6',
  'xds/admin-port',
  'xds/basics-inbound-addresses',
  'xds/basics-kafka',
  'xds/basics-mixed-protocols',
  'xds/basics-outbounds',
  'xds/basics-protocols',
  'xds/basics-subsets-and-endpoints',
  'xds/basics-tcp-inbound',
  'xds/big-chain',
  'xds/gateway-delegated',
  'xds/inbound-health',
  'xds/mtls-backend-not-enabled',
  'xds/mtls-builtin-strict',
  'xds/mtls-no-permission',
  'xds/mtls-permissive',
  'xds/mtls-provided-secrets',
  'xds/mtls-rotation-and-rsa',
  'xds/two-meshes',
  'policies/circuitbreaker-detectors',
  'policies/circuitbreaker-limits',
  'policies/permission-from-kinds',
  'policies/permission-overlap',
  'policies/permission-subset-targets',
  'policies/retry-protocols',
  'policies/timeout-specificity',
  'policies/timeout-to-from',
];

describe.skipIf(!existsSync(folder))('what proxies are given, against recordings of the reference', () => {
  it.each(same)('%s', (name) => {
    const path = join(folder, name);
    const setting = /ADMIN_PORT=(\d+)/.exec(read(join(path, 'env')))?.[1];
    const meshes = readMeshes(read(join(path, 'resources.yaml')));
    const compilers = new Map([...meshes.contexts.keys()].map((mesh) => [mesh, createCompiler()] as const));
    const compiled = compileAll(
      meshes,
      (mesh) => compilers.get(mesh) ?? createCompiler(),
      setting === undefined ? undefined : Number(setting),
    );
    const recorded = readdirSync(join(path, 'expected')).filter((file) => file.endsWith('.json'));
    expect(recorded).not.toHaveLength(0);
    for (const file of recorded) {
      const proxy = compiled.get(file.slice(0, -'.json'.length));
      expect(proxy, file).toBeDefined();
      const got = proxy === undefined ? {} : snapshotToJson(proxy.snapshot);
      const want = readRecording(read(join(path, 'expected', file)));
      expect(differences(want, readRecording(JSON.stringify({ xds: got }))), file).toEqual([]);
    }
  });
});

function read(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
