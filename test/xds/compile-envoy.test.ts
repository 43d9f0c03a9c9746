import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { envoyPath } from '../../dev/tools/envoy.ts';
import { createAdminAuthority, createAdminCertificates } from '../../src/certificates/admin.ts';
import type { ProxyInput } from '../../src/compile/compiler.ts';
import { createCompiler } from '../../src/compile/create-compiler.ts';
import { type Snapshot, type TypeUrl, typeUrls } from '../../src/compile/snapshot.ts';
import { toEnvoyJson } from '../../src/envoy/json.ts';
import { SecretValue } from '../../src/model/secret-value.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { proxyInput, readMeshes } from './support/compile-fixture.ts';

const run = promisify(execFile);
const folder = join(import.meta.dirname, '../../src/compile/testdata');

/** What Envoy must refuse, for reasons that are not ours: its contrib filters are left out of the build, and names are no addresses. */
const refused: Readonly<Record<string, RegExp>> = {
  'protocols depot': /could not find @type '.*KafkaBroker'/,
  'protocols client': /could not find @type '.*KafkaBroker'/,
  'addresses by-name': /malformed IP address: node\.internal/,
};

const proxies = readdirSync(folder)
  .filter((file) => file.endsWith('.input.yaml'))
  .flatMap((file) => {
    const { contexts, dataplanes } = readMeshes(readFileSync(join(folder, file), 'utf8'));
    return dataplanes.flatMap((dataplane) => {
      const context = contexts.get(dataplane.mesh);
      const title = `${file.replace('.input.yaml', '')} ${dataplane.name}`;
      return context === undefined ? [] : [[title, proxyInput(context, dataplane)] as const];
    });
  });

describe('what proxies are given', () => {
  let admin: ProxyInput['admin'] | undefined;

  beforeAll(async () => {
    const authority = createAdminCertificates(new SecretValue(await createAdminAuthority(Date.now())));
    admin = { ...authority.server('10.0.0.1'), clientCa: authority.trustedCa };
  });

  it.each(proxies)('is taken by Envoy: %s', async (title, input) => {
    expect(admin).toBeDefined();
    const { snapshot } = createCompiler().compile({ ...input, ...(admin && { admin }) });
    const file = join(temporaryFolder(), 'bootstrap.json');
    writeFileSync(file, JSON.stringify(bootstrap(snapshot)));
    const verdict = run(envoyPath(), ['--mode', 'validate', '--log-level', 'critical', '-c', file]);
    const reason = refused[title];
    if (reason === undefined) {
      await verdict;
    } else {
      await expect(verdict).rejects.toThrow(reason);
    }
  });
});

/** A bootstrap that holds the listeners and clusters of a snapshot; endpoints and secrets would come by the stream. */
function bootstrap({ resources }: Snapshot) {
  const json = (url: TypeUrl) => [...resources[url].values()].map(({ any }) => toEnvoyJson(any));
  const address = { socket_address: { address: '127.0.0.1', port_value: 1 } };
  const http2 = {
    '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
    explicit_http_config: { http2_protocol_options: {} },
  };
  const controlPlane = {
    name: 'ads_cluster',
    connect_timeout: '1s',
    typed_extension_protocol_options: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': http2,
    },
    load_assignment: {
      cluster_name: 'ads_cluster',
      endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }],
    },
  };
  return {
    node: { id: 'default.proxy', cluster: 'proxy' },
    dynamic_resources: {
      ads_config: {
        api_type: 'GRPC',
        transport_api_version: 'V3',
        grpc_services: [{ envoy_grpc: { cluster_name: 'ads_cluster' } }],
      },
    },
    static_resources: {
      listeners: json(typeUrls.listener),
      clusters: [controlPlane, ...json(typeUrls.cluster)],
    },
  };
}
