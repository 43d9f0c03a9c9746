// Writes src/envoy/gen: Envoy's messages as TypeScript, from the .proto files that @grpc/grpc-js-xds carries and from
// src/envoy/proto. What is installed for it stays in .cache/, so the project itself does not depend on it.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const packages = ['@grpc/grpc-js-xds@1.14.1', '@bufbuild/buf@1.75.0', '@bufbuild/protoc-gen-es@2.13.0'];

/** The messages that are sent or received; what they refer to is generated with them. */
const roots = {
  'envoy/config/listener/v3/listener.proto': ['envoy.config.listener.v3.Listener'],
  'envoy/config/cluster/v3/cluster.proto': ['envoy.config.cluster.v3.Cluster'],
  'envoy/config/endpoint/v3/endpoint.proto': ['envoy.config.endpoint.v3.ClusterLoadAssignment'],
  'envoy/config/rbac/v3/rbac.proto': ['envoy.config.rbac.v3.Action'],
  'envoy/config/route/v3/route.proto': ['envoy.config.route.v3.RouteConfiguration'],
  'envoy/extensions/filters/http/grpc_stats/v3/config.proto': [
    'envoy.extensions.filters.http.grpc_stats.v3.FilterConfig',
  ],
  'envoy/extensions/filters/http/rbac/v3/rbac.proto': ['envoy.extensions.filters.http.rbac.v3.RBAC'],
  'envoy/extensions/filters/http/router/v3/router.proto': ['envoy.extensions.filters.http.router.v3.Router'],
  'envoy/extensions/filters/listener/tls_inspector/v3/tls_inspector.proto': [
    'envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector',
  ],
  'envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto': [
    'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
  ],
  'envoy/extensions/filters/network/kafka_broker/v3/kafka_broker.proto': [
    'envoy.extensions.filters.network.kafka_broker.v3.KafkaBroker',
  ],
  'envoy/extensions/filters/network/rbac/v3/rbac.proto': ['envoy.extensions.filters.network.rbac.v3.RBAC'],
  'envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy.proto': [
    'envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy',
  ],
  'envoy/extensions/matching/common_inputs/ssl/v3/ssl_inputs.proto': [
    'envoy.extensions.matching.common_inputs.ssl.v3.UriSanInput',
  ],
  'envoy/extensions/retry/host/omit_host_metadata/v3/omit_host_metadata_config.proto': [
    'envoy.extensions.retry.host.omit_host_metadata.v3.OmitHostMetadataConfig',
  ],
  'envoy/extensions/retry/host/previous_hosts/v3/previous_hosts.proto': [
    'envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate',
  ],
  'envoy/extensions/retry/priority/previous_priorities/v3/previous_priorities_config.proto': [
    'envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig',
  ],
  'envoy/extensions/transport_sockets/tls/v3/secret.proto': [
    'envoy.extensions.transport_sockets.tls.v3.Secret',
  ],
  'envoy/extensions/transport_sockets/tls/v3/tls.proto': [
    'envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext',
    'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
  ],
  'envoy/extensions/upstreams/http/v3/http_protocol_options.proto': [
    'envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
  ],
  'envoy/service/discovery/v3/discovery.proto': [
    'envoy.service.discovery.v3.DiscoveryRequest',
    'envoy.service.discovery.v3.DiscoveryResponse',
    'envoy.service.discovery.v3.DeltaDiscoveryRequest',
    'envoy.service.discovery.v3.DeltaDiscoveryResponse',
  ],
  'envoy/service/health/v3/hds.proto': [
    'envoy.service.health.v3.HealthCheckRequestOrEndpointHealthResponse',
    'envoy.service.health.v3.HealthCheckSpecifier',
  ],
};

const work = resolve('.cache/envoy-proto');
const protos = join(work, 'protos');
const output = resolve('src/envoy/gen');

mkdirSync(work, { recursive: true });
writeFileSync(join(work, 'package.json'), '{ "private": true }\n');
execFileSync('npm', ['install', '--no-audit', '--no-fund', '--save-exact', ...packages], {
  cwd: work,
  stdio: 'inherit',
});

rmSync(protos, { recursive: true, force: true });
const dependencies = join(work, 'node_modules/@grpc/grpc-js-xds/deps');
for (const root of [
  'envoy-api/envoy',
  'googleapis/google',
  'protoc-gen-validate/validate',
  'xds/udpa',
  'xds/xds',
]) {
  cpSync(join(dependencies, root), join(protos, root.slice(root.lastIndexOf('/') + 1)), { recursive: true });
}
cpSync(resolve('src/envoy/proto'), protos, { recursive: true });

// Envoy's files use an option of validate.proto that the copy beside them is too old to have.
const validate = join(protos, 'validate/validate.proto');
const strict = 'optional bool strict = 25 [default = true];';
writeFileSync(
  validate,
  readFileSync(validate, 'utf8').replace(strict, `${strict}\n  optional bool ignore_empty = 26;`),
);

const list = (names) => names.map((name) => `      - ${name}\n`).join('');
writeFileSync(join(work, 'buf.yaml'), 'version: v2\nmodules:\n  - path: protos\n');
writeFileSync(
  join(work, 'buf.gen.yaml'),
  `version: v2
plugins:
  - local: protoc-gen-es
    out: gen
    include_imports: true
    opt: [target=ts, import_extension=ts]
inputs:
  - directory: .
    paths:
${list(Object.keys(roots).map((path) => `protos/${path}`))}    types:
${list(Object.values(roots).flat())}`,
);

const bin = join(work, 'node_modules/.bin');
rmSync(join(work, 'gen'), { recursive: true, force: true });
execFileSync(join(bin, 'buf'), ['generate'], {
  cwd: work,
  stdio: 'inherit',
  env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
});
if (!existsSync(join(work, 'gen/envoy'))) {
  throw new Error('buf generated nothing');
}
rmSync(output, { recursive: true, force: true });
cpSync(join(work, 'gen'), output, { recursive: true });
