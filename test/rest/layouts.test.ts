import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { reachablePorts } from '../../src/match/reachable.ts';
import { kri } from '../../src/model/kri.ts';
import { meshServiceType } from '../../src/model/types/mesh-service.ts';
import { readMeshes } from '../xds/support/compile-fixture.ts';

const folder = join(process.env.CONFORMANCE_DIR ?? '../shared/conformance', 'policies');
const outbound = z.object({ kri: z.string(), port: z.number(), protocol: z.string() });
const answer = z.object({ status: z.number(), body: z.object({ outbounds: z.array(outbound).default([]) }) });

function recorded(name: string, file: string) {
  return answer.parse(JSON.parse(readFileSync(join(folder, name, 'inspect', file), 'utf8')));
}

const cases = (existsSync(folder) ? readdirSync(folder) : [])
  .filter((name) => existsSync(join(folder, name, 'inspect')))
  .flatMap((name) =>
    readdirSync(join(folder, name, 'inspect'))
      .filter((file) => file.endsWith('._layout.json') && recorded(name, file).status === 200)
      .map((file) => [name, file.slice(0, -'._layout.json'.length)] as const),
  );

describe.skipIf(cases.length === 0)('outbounds of layouts, against recordings of the reference', () => {
  it.each(cases)('%s: %s', (name, proxy) => {
    const { contexts, dataplanes } = readMeshes(readFileSync(join(folder, name, 'resources.yaml'), 'utf8'));
    const context = contexts.get('default') ?? expect.fail('no mesh');
    const dataplane = dataplanes.find((one) => one.name === proxy) ?? expect.fail('no Dataplane');
    const services = [...(context.resources.get('MeshService')?.values() ?? [])];
    const prefixes = services.map((service) => kri(meshServiceType, service) ?? '');
    // MeshServices that the reference makes of Dataplanes are left out.
    const expected = recorded(name, `${proxy}._layout.json`).body.outbounds.filter((one) =>
      prefixes.some((prefix) => one.kri.startsWith(prefix)),
    );
    expect(expected).not.toHaveLength(0);
    expect(reachablePorts(dataplane, context)).toMatchObject(expected);
    expect(reachablePorts(dataplane, context)).toHaveLength(expected.length);
  });
});
