import { timesOf } from './each.ts';
import { summary } from './stats.ts';

/** A control plane, asked as its administrator: the answer's text where its status is 2xx, an error otherwise. */
export type CallApi = (method: string, path: string, body?: unknown) => Promise<string>;

export interface ApiPhaseOptions {
  /** Dataplanes of the large mesh. */
  readonly dataplanes: number;
  /** Requests of each phase. */
  readonly requests: number;
}

const mesh = 'bench';

function dataplane(index: number) {
  return {
    type: 'Dataplane',
    mesh,
    name: `dp-${String(index).padStart(6, '0')}`,
    networking: {
      address: `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`,
      inbound: [
        { port: 8080, tags: { 'kuma.io/service': `service-${index % 100}`, 'kuma.io/protocol': 'http' } },
      ],
    },
  };
}

/** Writes a large mesh, reads it in all ways, and has tokens made; prints a line a phase. */
export async function runApiPhases(
  call: CallApi,
  { dataplanes, requests }: ApiPhaseOptions,
  print: (line: string) => void,
): Promise<void> {
  const phase = async (
    name: string,
    count: number,
    width: number,
    work: (index: number) => Promise<unknown>,
  ) => {
    const start = performance.now();
    const times = await timesOf(count, width, work);
    const rate = times.length / ((performance.now() - start) / 1_000);
    print(`${name.padEnd(58)} ${rate.toFixed(0).padStart(6)}/s  ${summary(times)}`);
  };
  const put = (index: number) => {
    const document = dataplane(index);
    return call('PUT', `/meshes/${mesh}/dataplanes/${document.name}`, document);
  };
  const get = (path: string) => () => call('GET', path);
  const some = Math.min(requests, dataplanes);

  await call('PUT', `/meshes/${mesh}`, { type: 'Mesh', name: mesh });
  const token = (index: number) =>
    call('POST', '/tokens/dataplane', { mesh, name: dataplane(index).name, validFor: '1h' });
  await phase('tokens, 64 at a time, the first of the process', requests, 64, token);
  await phase('tokens, 16 at a time', requests, 16, token);
  await phase('PUT of a new dataplane, 16 at a time', dataplanes, 16, put);
  await phase('PUT of the same content, 16 at a time', some, 16, put);
  const rounds = Math.max(1, Math.floor(dataplanes / 80 / 10));
  await phase('POST /_apply of 80 dataplanes, 4 at a time', rounds, 4, (round) => {
    const documents = Array.from({ length: 80 }, (_, index) => dataplane(dataplanes + round * 80 + index));
    return call('POST', '/_apply', documents);
  });
  await phase('GET of a dataplane, 16 at a time', some, 16, (index) =>
    call('GET', `/meshes/${mesh}/dataplanes/${dataplane(index).name}`),
  );
  const pages = Math.max(16, Math.floor(requests / 20));
  const collection = `/meshes/${mesh}/dataplanes`;
  await phase('list, a page of 100, 16 at a time', pages, 16, (index) =>
    call('GET', `${collection}?size=100&offset=${(index * 100) % dataplanes}`),
  );
  await phase('list, a page of 1,000, 16 at a time', pages, 16, get(`${collection}?size=1000`));
  await phase(
    'list, filtered by tag, 16 at a time',
    pages,
    16,
    get(`${collection}?tag=kuma.io/service:service-7`),
  );
  await phase(
    'overviews, a page of 1,000, 16 at a time',
    pages,
    16,
    get(`${collection}/_overview?size=1000`),
  );
  await phase(
    'overviews, summary of 100 offline ones',
    pages,
    16,
    get(`${collection}/_overview?fields=summary&status=offline&size=100`),
  );
  await phase('service-insights', pages, 16, get(`/meshes/${mesh}/service-insights`));
  await phase('global-insight', pages, 16, get('/global-insight'));
}
