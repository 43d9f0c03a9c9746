import { Agent, request } from 'node:http';
import { text as textOf } from 'node:stream/consumers';

// What a provisioning pipeline does: dataplanes and their tokens, 32 at a time. Whatever it did before it does again.
const [api = '', count = '0'] = process.argv.slice(2);
const width = 32;
const agent = new Agent({ keepAlive: true, maxSockets: width });

function send(
  method: string,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `${api}${path}`,
      { method, agent, headers: { 'content-type': 'application/json', accept: '*/*', ...headers } },
      (incoming) => {
        textOf(incoming).then((text) => {
          if (Math.floor((incoming.statusCode ?? 0) / 100) === 2) {
            resolve(text);
          } else {
            reject(new Error(`${method} ${path}: ${incoming.statusCode} ${text}`));
          }
        }, reject);
      },
    );
    outgoing.on('error', reject);
    outgoing.end(JSON.stringify(body));
  });
}

async function provision(number: number): Promise<void> {
  const name = `dp-${number}`;
  await send('PUT', `/meshes/pipeline/dataplanes/${name}`, {
    type: 'Dataplane',
    mesh: 'pipeline',
    name,
    networking: {
      address: `10.0.${number >> 8}.${number & 255}`,
      inbound: [{ port: 80, tags: { 'kuma.io/service': `service-${number % 50}` } }],
    },
  });
  const token = await send(
    'POST',
    '/tokens/dataplane',
    { mesh: 'pipeline', name, validFor: '24h' },
    { 'idempotency-key': `pipeline-${name}` },
  );
  process.stdout.write(`${name} ${token}\n`);
}

await send('PUT', '/meshes/pipeline', { type: 'Mesh', name: 'pipeline' });
let next = 0;
await Promise.all(
  Array.from({ length: width }, async () => {
    while (next < Number(count)) {
      const number = next++;
      await provision(number);
    }
  }),
);
agent.destroy();
