import type { LocalServer } from './local-server.ts';

/** What a person sees when the server is ready, with the lines that connect a proxy, to be copied as they stand. */
export function readyText({ apiPort, apiTlsPort, dpPort, diagnosticsPort, caFile }: LocalServer): string {
  const api = `http://127.0.0.1:${apiPort}`;
  return `Kumulus is ready.

  API          ${api}${apiTlsPort === undefined ? '' : `  and  https://localhost:${apiTlsPort}`}
  proxies      https://localhost:${dpPort}
  its CA       ${caFile}${diagnosticsPort === undefined ? '' : `\n  metrics      http://127.0.0.1:${diagnosticsPort}/metrics  (/healthz and /readyz, too)`}

Connect a proxy, here one for a service "web" that listens on port 8080:

  curl -s -XPOST ${api}/tokens/dataplane -H 'content-type: application/json' -d '{"mesh":"default","name":"web-1","validFor":"720h"}' > web-1.token
  echo '{"type":"Dataplane","mesh":"default","name":"web-1","networking":{"address":"127.0.0.1","inbound":[{"port":8081,"servicePort":8080,"serviceAddress":"127.0.0.1","tags":{"kuma.io/service":"web","kuma.io/protocol":"http"}}]}}' > web-1.json
  npx kumulus dp run --cp-address https://localhost:${dpPort} --ca-cert-file ${caFile} --dataplane-token-file web-1.token --dataplane-file web-1.json

kuma-dp takes the same options. What is known of the proxy:  curl -s ${api}/meshes/default/dataplanes+insights/web-1
Ctrl-C stops it; everything is kept in the data folder.`;
}
