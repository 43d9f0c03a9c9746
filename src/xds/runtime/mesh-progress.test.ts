import { beforeEach, describe, expect, it } from 'vitest';
import { typeUrls } from '../../compile/snapshot.ts';
import {
  createMeshProgress,
  type MeshProgress,
  type ProgressNews,
  type ProxyProgress,
} from './mesh-progress.ts';

let now = 1_000;
let news: ProgressNews[];
let mesh: MeshProgress;

beforeEach(() => {
  now = 1_000;
  news = [];
  mesh = createMeshProgress({ told: 5, clock: () => now, onNews: (each) => news.push(each) });
});

/** A proxy that has everything of revision 5. */
function settled(name: string): ProxyProgress {
  const proxy = mesh.join(name);
  proxy.configured(5);
  proxy.completed(5);
  return proxy;
}

/** Changes a proxy's configuration as a mesh does that has moved: members are told, then the mesh counts as told. */
function change(revision: number, ...touched: readonly ProxyProgress[]): void {
  for (const proxy of touched) {
    proxy.configured(revision);
  }
  mesh.told(revision);
}

const named = () => mesh.summary().named.map(({ name, has, reason }) => `${name} ${has} ${reason}`);

describe('how far proxies of a mesh have got', () => {
  it('counts one that comes as behind until it has taken everything', () => {
    const proxy = mesh.join('web-1');
    proxy.configured(5);
    now += 10;
    expect(mesh.summary()).toEqual({
      told: 5,
      proxies: 1,
      behind: [{ has: 0, proxies: 1, failed: 0 }],
      named: [{ name: 'web-1', has: 0, given: 5, since: 1_000, reason: 'not_acknowledged' }],
    });
    proxy.completed(5);
    expect(mesh.summary()).toEqual({ told: 5, proxies: 1, behind: [], named: [] });
    expect(news.at(-1)).toBe('now');
  });

  it('has those at a revision whom it does not touch as soon as the mesh was told of it', () => {
    settled('a');
    const b = settled('b');
    news = [];
    change(6, b);
    expect(news).toEqual(['soon', 'soon']);
    expect(mesh.summary()).toMatchObject({ told: 6, behind: [{ has: 5, proxies: 1 }] });
    b.completed(6);
    change(7);
    expect(mesh.summary()).toEqual({ told: 7, proxies: 2, behind: [], named: [] });
    expect(news.slice(2)).toEqual(['now', 'now']);
  });

  it('does not wait for the newest one where another change came before it was there', () => {
    const proxy = settled('a');
    change(6, proxy);
    now += 100;
    change(7, proxy);
    change(8, proxy);
    expect(named()).toEqual(['a 5 not_acknowledged']);
    proxy.completed(6);
    expect(mesh.summary().named).toEqual([
      { name: 'a', has: 6, given: 8, since: 1_000, reason: 'not_acknowledged' },
    ]);
    proxy.completed(7);
    proxy.completed(6);
    expect(named()).toEqual(['a 7 not_acknowledged']);
    proxy.completed(8);
    expect(named()).toEqual([]);
  });

  it('says who refuses, in whose words, once everything is answered', () => {
    const proxy = settled('a');
    change(6, proxy);
    proxy.rejected(typeUrls.listener, 'no such filter');
    expect(named()).toEqual(['a 5 not_acknowledged']);
    news = [];
    proxy.answered(6, [typeUrls.listener]);
    expect(news).toEqual(['now']);
    expect(mesh.summary()).toMatchObject({
      behind: [{ has: 5, proxies: 1, failed: 1 }],
      named: [{ reason: 'refused', typeUrl: typeUrls.listener, message: 'no such filter' }],
    });
    // What does not touch it changes nothing.
    change(7);
    expect(named()).toEqual(['a 5 refused']);
    // What may mend it is waited for.
    change(8, proxy);
    expect(named()).toEqual(['a 5 not_acknowledged']);
    proxy.completed(8);
    expect(mesh.summary()).toEqual({ told: 8, proxies: 1, behind: [], named: [] });
  });

  it('knows one reason less where one of two types is mended', () => {
    const proxy = settled('a');
    change(6, proxy);
    proxy.rejected(typeUrls.cluster, 'bad cluster');
    proxy.rejected(typeUrls.listener, 'bad listener');
    proxy.answered(6, [typeUrls.cluster, typeUrls.listener]);
    change(7, proxy);
    proxy.answered(7, [typeUrls.listener]);
    expect(mesh.summary().named).toMatchObject([
      { has: 5, given: 7, reason: 'refused', typeUrl: typeUrls.listener, message: 'bad listener' },
    ]);
  });

  it('counts one as behind that refuses what it was sent again', () => {
    const proxy = settled('a');
    proxy.rejected(typeUrls.endpoint, 'no');
    proxy.answered(5, [typeUrls.endpoint]);
    expect(named()).toEqual(['a 4 refused']);
  });

  it('says who could not be configured, until it could', () => {
    const proxy = settled('a');
    proxy.notConfigured();
    mesh.told(6);
    expect(named()).toEqual(['a 5 not_configured']);
    proxy.configured(5);
    expect(named()).toEqual([]);
    proxy.notConfigured();
    proxy.configured(7);
    expect(named()).toEqual(['a 6 not_acknowledged']);
  });

  it('forgets who goes, and hears nothing of them any more', () => {
    const [a, b] = [settled('a'), settled('b')];
    change(6, a, b);
    a.completed(6);
    news = [];
    b.closed();
    b.closed();
    expect(news).toEqual(['now']);
    b.configured(7);
    b.rejected(typeUrls.cluster, 'no');
    b.notConfigured();
    b.completed(7);
    expect(mesh.summary()).toEqual({ told: 6, proxies: 1, behind: [], named: [] });
    expect(mesh.proxies).toBe(1);
  });

  it('names a hundred, failed ones first, sixteen with words that are bounded, and counts all', () => {
    const proxies = Array.from({ length: 300 }, (_, n) => settled(`p-${n}`));
    change(6, ...proxies);
    for (const proxy of proxies.slice(250)) {
      proxy.rejected(typeUrls.listener, 'x'.repeat(10_000));
      proxy.answered(6, [typeUrls.listener]);
    }
    const { behind, named: list } = mesh.summary();
    expect(behind).toEqual([{ has: 5, proxies: 300, failed: 50 }]);
    expect(list).toHaveLength(100);
    expect(list.slice(0, 50).every(({ reason }) => reason === 'refused')).toBe(true);
    expect(list.slice(50).map(({ name }) => name)).toEqual(Array.from({ length: 50 }, (_, n) => `p-${n}`));
    expect(list.filter(({ message }) => message !== undefined).map(({ message }) => message?.length)).toEqual(
      Array.from({ length: 16 }, () => 500),
    );
  });

  it('tells few revisions apart, and none as newer than it is', () => {
    for (let revision = 6; revision < 46; revision += 1) {
      change(revision, settled(`p-${revision}`));
    }
    const { behind } = mesh.summary();
    expect(behind).toHaveLength(16);
    expect(behind.map(({ has }) => has)).toEqual(Array.from({ length: 16 }, (_, n) => n + 5));
    expect(behind.at(-1)?.proxies).toBe(25);
  });
});
