import { createServer } from 'node:https';
import { onTestFinished } from 'vitest';
import { createAuthority, loadAuthority } from '../../src/certificates/authority.ts';
import { issueServer } from '../../src/certificates/issue.ts';

/** What the server answers to one request. */
export interface BootstrapAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The part of a control plane that speaks `/bootstrap`, over real TLS. */
export interface BootstrapServer {
  readonly url: string;
  /** PEM of the CA that signed its certificate. */
  readonly ca: string;
  /** The bodies that were sent, parsed, and the paths that they were sent to. */
  readonly requests: { readonly path: string; readonly body: unknown }[];
}

const hour = 3_600_000;

/** A new CA, and a server certificate of it for `localhost`. */
export async function makeServerCertificate() {
  const now = Date.now();
  const subject = { commonName: 'test CA' };
  const pair = await createAuthority({ kind: 'ec', subject, lifetime: hour, now });
  const ca = loadAuthority(pair.certificate, pair.key);
  const leaf = issueServer({ ca, hosts: ['localhost'], lifetime: hour, now });
  return { ca: pair.certificate, certificate: leaf.certificateChain, key: leaf.key.reveal() };
}

/** The answer of a control plane that gives this bootstrap. */
export function bootstrapAnswer(yaml: string): BootstrapAnswer {
  const bootstrap = Buffer.from(yaml).toString('base64');
  return { status: 200, body: JSON.stringify({ bootstrap, kumaSidecarConfiguration: {} }) };
}

/** Starts the server; it gives the answers one after the other, the last one again and again. */
export async function startBootstrapServer(
  answers: readonly [BootstrapAnswer, ...BootstrapAnswer[]],
): Promise<BootstrapServer> {
  const { ca, certificate, key } = await makeServerCertificate();
  const requests: { path: string; body: unknown }[] = [];
  const server = createServer({ cert: certificate, key }, async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const answer = answers[Math.min(requests.length, answers.length - 1)] ?? answers[0];
    requests.push({ path: request.url ?? '', body: JSON.parse(body) });
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return { url: `https://localhost:${address.port}`, ca, requests };
}
