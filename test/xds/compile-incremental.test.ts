import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CompiledProxy, Compiler } from '../../src/compile/compiler.ts';
import { createCompiler } from '../../src/compile/create-compiler.ts';
import { type EncodedResource, type Snapshot, type TypeUrl, typeUrls } from '../../src/compile/snapshot.ts';
import type { ContextChanges, MeshContext } from '../../src/context/mesh-context.ts';
import { defaultPolicies } from '../../src/policies/defaults.ts';
import { meshContext, plainMesh, proxyInput, stored } from './support/compile-fixture.ts';
import { applied, fleet, fleetMember, withResource } from './support/fleet.ts';
import { randomChange, seeded } from './support/random-changes.ts';

const urls: readonly TypeUrl[] = Object.values(typeUrls);

describe('compiling after changes', () => {
  it.each([1, 2, 3])('gives what compiling from scratch gives, seed %i', (seed) => {
    const random = seeded(seed);
    const compiler = createCompiler();
    let context = emptyMesh();
    let compiled = new Map<string, CompiledProxy>();
    let unchanged = 0;
    for (let step = 0; step < 80; step++) {
      context = applied(context, randomChange(context, random)).context;
      const next = new Map<string, CompiledProxy>();
      const scratch = createCompiler();
      for (const dataplane of dataplanes(context)) {
        const previous = compiled.get(dataplane.name);
        const proxy = compiler.compile(proxyInput(context, dataplane), previous);
        const fresh = scratch.compile(proxyInput(context, dataplane));
        expect(content(proxy.snapshot), `${dataplane.name} at step ${step}`).toEqual(content(fresh.snapshot));
        expect(proxy.services).toEqual(fresh.services);
        if (previous !== undefined) {
          expectShared(previous, proxy);
          unchanged += proxy === previous ? 1 : 0;
        }
        next.set(dataplane.name, proxy);
      }
      compiled = next;
    }
    expect(unchanged).toBeGreaterThan(0);
  });

  it('leaves alone only those whose configuration stays, whatever changes', () => {
    const count = { proxies: 0, left: 0 };
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1, maxLength: 40 }), (seeds) => {
        const compiler = createCompiler();
        let context = emptyMesh();
        let compiled = new Map<string, CompiledProxy>();
        for (const seed of seeds) {
          const step = applied(context, randomChange(context, seeded(seed)));
          context = step.context;
          const before = compiled;
          compiled = told(compiler, context, step.changes, before);
          for (const [name, proxy] of compiled) {
            count.proxies += 1;
            count.left += proxy === before.get(name) ? 1 : 0;
          }
        }
      }),
      { numRuns: 60 },
    );
    expect(count.left).toBeGreaterThan(count.proxies / 4);
  });

  it('gives the same proxies the same objects', () => {
    const { context, dataplanes: members } = fleet({ proxies: 40, services: 4, outbounds: 2 });
    const compiler = createCompiler();
    const compiled = members.map((dataplane) => compiler.compile(proxyInput(context, dataplane)));
    const clusters = compiled.flatMap(({ snapshot }) => [...snapshot.resources[typeUrls.cluster].values()]);
    const shared = new Map(
      clusters.filter(({ name }) => name.startsWith('service-')).map((one) => [one.name, one]),
    );
    for (const cluster of clusters.filter(({ name }) => shared.has(name))) {
      expect(cluster).toBe(shared.get(cluster.name));
    }
    expect(shared.size).toBe(4);
  });

  it('adds for one more proxy what is its own and nothing else', () => {
    const size = { proxies: 40, services: 4, outbounds: 3 };
    const { context, dataplanes: members } = fleet(size);
    const compiler = createCompiler();
    const before = new Set(
      members.flatMap((one) => resourcesOf(compiler.compile(proxyInput(context, one)).snapshot)),
    );
    const another = fleetMember(size.proxies, size);
    const now = withResource(context, another);
    const compiled = compiler.compile(proxyInput(now, another));
    const added = resourcesOf(compiled.snapshot).filter((resource) => !before.has(resource));
    expect(added.map(({ name }) => name).toSorted()).toEqual([
      // What is at an address of the proxy's own.
      'inbound:10.1.0.41:8080',
      'kuma:envoy:admin',
      'localhost:8080',
    ]);
    const others = resourcesOf(compiled.snapshot).filter((resource) => before.has(resource));
    expect(others.map(({ name }) => name).filter((name) => name.startsWith('outbound:'))).toHaveLength(3);
  });

  it('gives a proxy that comes back what somebody still holds', () => {
    const { context, dataplanes: members } = fleet({ proxies: 3, services: 2, outbounds: 1 });
    const compiler = createCompiler();
    for (const dataplane of members) {
      const input = proxyInput(context, dataplane);
      const before = compiler.compile(input);
      const again = { ...input, metadata: { ...input.metadata }, dataplane: { ...dataplane } };
      expect(compiler.compile(again)).toBe(before);
    }
  });

  it('only makes the load assignments of a service anew when its endpoints change', () => {
    const size = { proxies: 8, services: 4, outbounds: 2 };
    const { context, dataplanes: members } = fleet(size);
    const compiler = createCompiler();
    const now = withResource(context, fleetMember(8, size));
    for (const dataplane of members) {
      const before = compiler.compile(proxyInput(context, dataplane));
      const after = compiler.compile(proxyInput(now, dataplane), before);
      const consumer = before.services.has('service-0');
      expect(after === before).toBe(!consumer);
      const changed = urls.filter((url) => after.snapshot.resources[url] !== before.snapshot.resources[url]);
      expect(changed).toEqual(consumer ? [typeUrls.endpoint] : []);
      const others = [...after.snapshot.resources[typeUrls.endpoint]].filter(
        ([name]) => name !== 'service-0',
      );
      for (const [name, assignment] of others) {
        expect(assignment).toBe(before.snapshot.resources[typeUrls.endpoint].get(name));
      }
      expect(after.services).toEqual(before.services);
    }
  });

  it('takes a context that says the same for no change', () => {
    const { context, dataplanes: members } = fleet({ proxies: 3, services: 2, outbounds: 1 });
    const compiler = createCompiler();
    const policy = context.resources.get('MeshRetry')?.values().next().value;
    expect(policy).toBeDefined();
    for (const dataplane of members) {
      const before = compiler.compile(proxyInput(context, dataplane));
      const again = policy === undefined ? context : withResource(context, { ...policy });
      expect(again).not.toBe(context);
      expect(compiler.compile(proxyInput(again, dataplane), before)).toBe(before);
    }
  });
});

/** What proxies have after a change, of which only those hear that it touches; checked against what they would have from scratch. */
function told(
  compiler: Compiler,
  context: MeshContext,
  changes: ContextChanges,
  before: ReadonlyMap<string, CompiledProxy>,
): Map<string, CompiledProxy> {
  const scratch = createCompiler();
  return new Map(
    dataplanes(context).map((dataplane) => {
      const previous = before.get(dataplane.name);
      const stays = previous !== undefined && !compiler.isTouched(previous, changes);
      const proxy = stays ? previous : compiler.compile(proxyInput(context, dataplane), previous);
      const fresh = scratch.compile(proxyInput(context, dataplane));
      expect(content(proxy.snapshot)).toEqual(content(fresh.snapshot));
      return [dataplane.name, proxy];
    }),
  );
}

/** A mesh with the policies that every new mesh gets, and nothing else. */
function emptyMesh(): MeshContext {
  const policies = defaultPolicies('default').map((policy) => stored(policy));
  return meshContext(1, plainMesh('default'), policies);
}

function dataplanes({ resources }: MeshContext) {
  return [...(resources.get('Dataplane')?.values() ?? [])];
}

function resourcesOf(snapshot: Snapshot): readonly EncodedResource[] {
  return urls.flatMap((url) => [...snapshot.resources[url].values()]);
}

/** The bytes of every resource, by type and name. */
function content(snapshot: Snapshot) {
  return urls.map((url) =>
    [...snapshot.resources[url]]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { version, delta }]) => [name, version, Buffer.from(delta).toString('base64')]),
  );
}

/** Types whose resources are the same share their map, and a snapshot in which nothing changed is the one before. */
function expectShared(before: CompiledProxy, after: CompiledProxy): void {
  const same = urls.filter((url) => {
    const [old, now] = [before.snapshot.resources[url], after.snapshot.resources[url]];
    return (
      old.size === now.size && [...now].every(([name, { version }]) => old.get(name)?.version === version)
    );
  });
  for (const url of same) {
    expect(after.snapshot.resources[url]).toBe(before.snapshot.resources[url]);
  }
  if (same.length === urls.length) {
    expect(after.snapshot).toBe(before.snapshot);
  }
}
