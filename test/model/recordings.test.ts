import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { KumulusError } from '../../src/model/errors.ts';
import { displayNameOf } from '../../src/model/kri.ts';
import { defaultZone } from '../../src/model/names.ts';
import { parseResource, parseResourceText } from '../../src/model/parse-resource.ts';
import { renderResource } from '../../src/model/render-resource.ts';
import type { Resource } from '../../src/model/resource.ts';
import type { ResourceType } from '../../src/model/resource-type.ts';
import { dataplaneSchema } from '../../src/model/types/dataplane.ts';
import { membershipProblem } from '../../src/model/types/membership.ts';
import { meshSchema } from '../../src/model/types/mesh.ts';
import { prepareWrite } from '../../src/model/write-resource.ts';
import { defaultPolicies } from '../../src/policies/defaults.ts';
import { resourceTypeByPath } from '../../src/policies/registry.ts';
import { type RecordedStep, readRecording, recordingsFolder } from '../support/recording.ts';

const folder = recordingsFolder();
const files = [
  '02-meshes',
  '03-meshes-errors',
  '05-dataplanes',
  '06-dataplanes-errors',
  '08-secrets',
  '09-zones',
  '18-mesh-options',
  '19-updates',
  '21-meshcircuitbreaker',
  '31-meshretry',
  '32-meshtimeout',
  '35-meshtrafficpermission',
];

const problemSchema = z.object({
  title: z.string(),
  detail: z.string(),
  causes: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
});

const acceptedSchema = z.object({ warnings: z.array(z.string()).optional() });

/** As much of a control plane as reading, checking and rendering needs: resources in a map. */
class Replay {
  readonly #resources = new Map<string, Resource>();

  constructor() {
    this.#put({ type: 'Mesh', mesh: '', name: 'default', labels: {}, spec: {} });
    this.#makeDefaults('default', []);
  }

  /** The collection and item that a path names, where its type is one that is known and its mesh is there. */
  target(path: string): { type: ResourceType; mesh: string; name: string } | undefined {
    const parts = path.split('?')[0]?.split('/').slice(1) ?? [];
    const [mesh, collection, name] =
      parts[0] === 'meshes' && parts.length > 2 ? [parts[1], parts[2], parts[3]] : ['', parts[0], parts[1]];
    const type = resourceTypeByPath(collection ?? '');
    const known =
      type !== undefined && (type.scope === 'Global' || this.get('Mesh', '', mesh ?? '') !== undefined);
    return known && name !== undefined && !name.startsWith('_') && parts.length < 5
      ? { type, mesh: mesh ?? '', name }
      : undefined;
  }

  get(type: string, mesh: string, name: string): Resource | undefined {
    return this.#resources.get(`${type}/${mesh}/${name}`);
  }

  /** Writes what a request asks for, and answers with the warnings. */
  write(type: ResourceType, mesh: string, name: string, request: RecordedStep['request']): readonly string[] {
    const expected = { mesh, name, zone: defaultZone };
    const parsed =
      request.raw === undefined
        ? parseResource(type, request.body, expected)
        : parseResourceText(type, request.raw, expected);
    const stored = this.get(type.name, mesh, name);
    const next = prepareWrite(type, parsed, stored, { zone: defaultZone });
    if (type.name === 'Dataplane') {
      const constraints = meshSchema.parse(this.get('Mesh', '', mesh)?.spec);
      const problem = membershipProblem(mesh, constraints, dataplaneSchema.parse(next.spec));
      if (problem !== undefined) {
        throw new KumulusError('internal', problem, { title: 'Failed to create a resource' });
      }
    }
    this.#put(next);
    if (type.name === 'Mesh' && stored === undefined) {
      this.#makeDefaults(name, meshSchema.parse(next.spec).skipCreatingInitialPolicies ?? []);
    }
    return type.deprecations?.(next.spec, displayNameOf(next)) ?? [];
  }

  delete(type: string, mesh: string, name: string): void {
    this.#resources.delete(`${type}/${mesh}/${name}`);
  }

  #makeDefaults(mesh: string, skip: readonly string[]): void {
    for (const policy of defaultPolicies(mesh, skip)) {
      this.#put(policy);
    }
  }

  #put(resource: Omit<Resource, 'creationTime' | 'modificationTime' | 'version'>): void {
    const times = { creationTime: 'TIME', modificationTime: 'TIME', version: 1 };
    this.#resources.set(`${resource.type}/${resource.mesh}/${resource.name}`, { ...resource, ...times });
  }
}

describe.skipIf(folder === undefined).each(files)('%s', (file) => {
  const steps = folder === undefined ? [] : readRecording(folder, 'rest', file);

  it('answers as recorded', () => {
    const replay = new Replay();
    let compared = 0;
    for (const [position, step] of steps.entries()) {
      const target = replay.target(step.request.path);
      const label = `#${position} ${step.request.method} ${step.request.path} (${step.note ?? ''})`;
      // What is under a resource, such as `_overview`, is another answer than the resource.
      const itself = !step.request.path.includes('/_');
      if (target !== undefined && itself && !target.type.readOnly && step.status !== 415) {
        compared += compareStep(replay, target, step, label) ? 1 : 0;
      }
    }
    expect(compared).toBeGreaterThan(0);
  });
});

function compareStep(
  replay: Replay,
  { type, mesh, name }: { type: ResourceType; mesh: string; name: string },
  step: RecordedStep,
  label: string,
): boolean {
  if (step.request.method === 'DELETE' && step.status === 200) {
    replay.delete(type.name, mesh, name);
    return false;
  }
  if (step.request.method === 'GET' && step.status === 200) {
    const resource = replay.get(type.name, mesh, name);
    expect(resource === undefined ? undefined : renderResource(type, resource), label).toEqual(step.body);
    return true;
  }
  if (step.request.method !== 'PUT') {
    return false;
  }
  const answer = attempt(() => replay.write(type, mesh, name, step.request));
  if (step.status < 300) {
    const { warnings = [] } = acceptedSchema.parse(step.body);
    expect(answer, label).toEqual({ warnings });
  } else {
    compareError('error' in answer ? answer.error : undefined, step, label);
  }
  return true;
}

function compareError(error: unknown, step: RecordedStep, label: string): void {
  const problem = problemSchema.parse(step.body);
  expect(error, label).toBeInstanceOf(KumulusError);
  if (!(error instanceof KumulusError)) {
    return;
  }
  if (problem.causes !== undefined) {
    expect(error.code, label).toBe('invalid');
    expect(error.title, label).toBe(problem.title);
    expect(error.violations, label).toEqual(expect.arrayContaining(problem.causes));
    expect(error.violations, label).toHaveLength(problem.causes.length);
  } else if (step.status === 500) {
    expect([error.code, error.title], label).toEqual(['internal', problem.title]);
  } else {
    expect(error.code, label).toBe('bad_request');
    expect(error.message.split(':')[0], label).toBe(problem.detail.split(':')[0]);
  }
}

function attempt(
  write: () => readonly string[],
): { readonly warnings: readonly string[] } | { readonly error: unknown } {
  try {
    return { warnings: write() };
  } catch (error) {
    return { error };
  }
}
