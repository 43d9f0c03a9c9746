/**
 * A bootstrap that needs no control plane: the admin API, an inbound that answers by itself, and one that leads to the
 * readiness reporter as Kuma's `kuma:envoy:admin` does.
 */
export function staticBootstrap(ports: {
  readonly admin: number;
  readonly inbound: number;
  readonly ready: number;
  readonly readinessSocket: string;
}): string {
  const manager =
    '{"@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
  const router = '{"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}';
  const filter = (prefix: string, route: string) => `
          - name: envoy.filters.network.http_connection_manager
            typed_config: ${manager}, stat_prefix: ${prefix},
              http_filters: [{name: envoy.filters.http.router, typed_config: ${router}}],
              route_config: {virtual_hosts: [{name: all, domains: ["*"], routes: [{match: {prefix: /}, ${route}}]}]}}`;
  const listener = (name: string, port: number, route: string) => `
    - name: ${name}
      traffic_direction: INBOUND
      address: {socket_address: {address: 127.0.0.1, port_value: ${port}}}
      filter_chains:
        - filters: ${filter(name, route)}`;
  return `
admin:
  address: {socketAddress: {address: 127.0.0.1, portValue: ${ports.admin}}}
static_resources:
  listeners: ${listener('inbound', ports.inbound, 'direct_response: {status: 200, body: {inline_string: hello}}')}
    ${listener('ready', ports.ready, 'route: {cluster: "kuma:readiness"}')}
  clusters:
    - name: kuma:readiness
      type: STATIC
      load_assignment:
        cluster_name: kuma:readiness
        endpoints: [{lb_endpoints: [{endpoint: {address: {pipe: {path: ${ports.readinessSocket}}}}}]}]
`;
}
