import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { envoyPath } from '../../dev/tools/envoy.ts';
import { type BootstrapInput, envoyBootstrap } from '../../src/xds/bootstrap/envoy-bootstrap.ts';
import { readBootstrapRequest } from '../../src/xds/bootstrap/request.ts';
import { defaultBootstrapSettings } from '../../src/xds/bootstrap/settings.ts';
import { makeServerCertificate } from '../support/bootstrap-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const full = {
  mesh: 'default',
  name: 'web-1',
  dataplaneToken: 'a.b.c',
  dataplaneTokenPath: '/tmp/token',
  dataplaneResource: '{"type":"Dataplane"}',
  version: { kumaDp: { version: '2.13.10' }, envoy: { version: '1.36.4', kumaDpCompatible: true } },
  dynamicMetadata: { team: 'red', number: '1e3' },
  dnsPort: 15054,
  readinessPort: 9902,
  features: ['feature-embedded-dns'],
  resources: { maxHeapSizeBytes: 268_435_456 },
  workdir: '/tmp/a b',
  systemCaPath: '/etc/ssl/ca.pem',
  ipv6Enabled: true,
  dataplaneConfig: { redirect: { inbound: { enabled: true, port: 15006 } } },
};

/** Bootstraps of every kind; each is as different from the first as it says. */
const kinds: readonly {
  readonly kind: string;
  readonly input?: Partial<BootstrapInput>;
  readonly request?: object;
}[] = [
  { kind: 'a sidecar' },
  { kind: 'a bare request', request: { mesh: 'default', name: 'web-1' } },
  { kind: 'the older protocol', input: { settings: { ...defaultBootstrapSettings, deltaXds: false } } },
  { kind: 'a built-in gateway', input: { builtinGateway: true } },
  {
    kind: 'a zone ingress',
    input: { proxyType: 'ingress', service: 'ingress' },
    request: { ...full, mesh: '' },
  },
  { kind: 'no admin API', input: { adminPort: 0 } },
  { kind: 'newer names', input: { unifiedNaming: true } },
  { kind: 'a token in a file', input: { settings: { ...defaultBootstrapSettings, reloadableTokens: true } } },
];

describe('Envoy takes the bootstrap of', () => {
  it.each(kinds)('$kind', async ({ input, request = full }) => {
    const { ca } = await makeServerCertificate();
    const document = envoyBootstrap({
      request: readBootstrapRequest(JSON.stringify(request)),
      settings: defaultBootstrapSettings,
      proxyType: 'dataplane',
      service: 'web',
      adminPort: 9901,
      builtinGateway: false,
      unifiedNaming: false,
      controlPlane: { host: 'localhost', port: 5678, ca, ipv4Only: true },
      ...input,
    });
    const file = join(temporaryFolder(), 'bootstrap.yaml');
    writeFileSync(file, stringify(document));
    // Unknown members are errors, so that a slip in a name is not passed over.
    const { stderr, stdout } = await promisify(execFile)(envoyPath(), [
      '--mode',
      'validate',
      '-c',
      file,
      '-l',
      'warning',
    ]);
    expect(`${stdout}${stderr}`).toContain('OK');
    expect(`${stdout}${stderr}`).not.toContain('deprecated');
  });
});
