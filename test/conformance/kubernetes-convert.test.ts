import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import * as z from 'zod';
import { dataplaneOfPod } from '../../src/kubernetes/dataplane/dataplane-of-pod.ts';
import { nodeSchema, ownerSchema, podSchema, serviceSchema } from '../../src/kubernetes/dataplane/objects.ts';
import { dataplaneSchema, dataplaneType } from '../../src/model/types/dataplane.ts';

const folder = join(process.env.CONFORMANCE_DIR ?? '../shared/conformance', 'kubernetes', 'convert');
const cases = existsSync(folder) ? readdirSync(folder) : [];

const labels = z.record(z.string(), z.string());
const expectedSchema = z.object({
  mesh: z.string(),
  metadata: z.object({ labels }),
  spec: z.record(z.string(), z.unknown()),
});
const existingSchema = z.object({ metadata: z.object({ labels: labels.default({}) }) });
const optionsSchema = z.object({
  nodeLabelsToCopy: z.array(z.string()).default([]),
  workloadLabels: z.array(z.string()).default([]),
});

/** The documents of one file of a case; none where there is no such file. */
function documents<Schema extends z.ZodType>(name: string, file: string, schema: Schema): z.output<Schema>[] {
  const path = join(folder, name, `${file}.yaml`);
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  return parseAllDocuments(text)
    .map((document): unknown => document.toJS())
    .filter((document) => document !== null)
    .map((document) => schema.parse(document));
}

function converted(name: string) {
  const [pod = expect.fail('no pod')] = documents(name, 'pod', podSchema);
  const [node] = documents(name, 'node', nodeSchema);
  const [existing] = documents(name, 'existing-dataplane', existingSchema);
  const [options = optionsSchema.parse({})] = documents(name, 'options', optionsSchema);
  const others = documents(name, 'other-dataplanes', z.object({ spec: dataplaneSchema }));
  return dataplaneOfPod(pod, {
    ...options,
    zone: 'zone-1',
    // They were made for a mesh whose traffic goes by MeshServices alone.
    mesh: { name: 'default', spec: { meshServices: { mode: 'Exclusive' } } },
    services: documents(name, 'services', serviceSchema),
    otherServices: documents(name, 'other-services', serviceSchema),
    otherDataplanes: others.map(({ spec }) => spec),
    replicaSets: documents(name, 'replicasets', ownerSchema),
    jobs: documents(name, 'jobs', ownerSchema),
    ...(node !== undefined && { node }),
    ...(existing !== undefined && { existingLabels: existing.metadata.labels }),
  });
}

describe.skipIf(cases.length === 0)('pods as Dataplanes, against those of the reference', () => {
  it.each(cases)('%s', (name) => {
    const [expected] = documents(name, 'expected', expectedSchema);
    const { mesh, labels, spec } = converted(name);
    expect({ mesh, metadata: { labels }, spec }).toEqual(expected);
  });

  it.each(cases)('%s: keeps the rules for Dataplanes', (name) => {
    const { mesh, labels, spec } = converted(name);
    const violations = dataplaneType.validate(spec, { mesh, name: 'x', labels }).list;
    // The reference names provided gateways by a tag of its own, and would not let them be written by the API.
    const tags = spec.networking?.gateway?.tags ?? {};
    const fields = Object.hasOwn(tags, 'kuma.io/service-name') ? ['networking.gateway.tags'] : [];
    expect(violations.map(({ field }) => field)).toEqual(fields);
  });
});
