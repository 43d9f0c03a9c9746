import { expect, onTestFinished } from 'vitest';
import { type EncodedResource, type TypeUrl, typeUrls } from '../../../src/compile/snapshot.ts';
import { node } from '../ads-client.ts';
import type { TestRelay } from '../relay-fixture.ts';
import { type Http2Ads, http2Session, openAds } from './http2-ads.ts';

/** What Envoy does, without Envoy: takes what it is given, and connects again with what it holds when its stream ends. */
export interface FaithfulProxy {
  readonly name: string;
  /** The version of each resource that it holds. */
  readonly held: Readonly<Record<TypeUrl, ReadonlyMap<string, string>>>;
  /** Its newest stream. */
  readonly stream: Http2Ads;
  /** Streams that it has opened. */
  readonly streams: number;
  /** How its streams ended, in order. */
  readonly ends: readonly (number | undefined)[];
  /** Resolves once it holds these. */
  holds(...resources: readonly EncodedResource[]): Promise<void>;
  /** Takes what it is given, and never says that it did. */
  answersNothing: boolean;
}

export interface FaithfulProxyOptions {
  readonly name: string;
  readonly token?: string;
  /** Bytes that it lets come before it has read them. */
  readonly window?: number;
  readonly types?: readonly TypeUrl[];
  /** Milliseconds before it connects again. */
  readonly backoffMs?: number;
}

/** Starts a proxy; it goes when the test ends. */
export function startFaithfulProxy(relay: TestRelay, options: FaithfulProxyOptions): FaithfulProxy {
  const { name, token, window, types = [typeUrls.cluster, typeUrls.listener], backoffMs = 20 } = options;
  const held: Record<TypeUrl, Map<string, string>> = {
    [typeUrls.cluster]: new Map(),
    [typeUrls.endpoint]: new Map(),
    [typeUrls.listener]: new Map(),
    [typeUrls.route]: new Map(),
    [typeUrls.secret]: new Map(),
  };
  const ends: (number | undefined)[] = [];
  let streams = 0;
  let over = false;
  const find = (typeUrl: string) => types.find((each) => each === typeUrl);

  const open = (): Http2Ads => {
    const ads = openAds(http2Session(relay, window), token);
    streams += 1;
    ads.onResponse(({ typeUrl, nonce, resources, removedResources }) => {
      const type = find(typeUrl);
      if (type === undefined) {
        return;
      }
      for (const { name: resource, version } of resources) {
        held[type].set(resource, version);
      }
      for (const resource of removedResources) {
        held[type].delete(resource);
      }
      if (!proxy.answersNothing) {
        ads.send({ typeUrl, responseNonce: nonce });
      }
    });
    for (const [position, typeUrl] of types.entries()) {
      ads.send({
        ...(position === 0 && { node: node(name) }),
        typeUrl,
        initialResourceVersions: Object.fromEntries(held[typeUrl]),
      });
    }
    void ads.ended.then(({ grpcStatus }) => {
      ends.push(grpcStatus);
      ads.session.destroy();
      setTimeout(() => {
        if (!over) {
          stream = open();
        }
      }, backoffMs);
    });
    return ads;
  };

  const proxy = {
    name,
    held,
    ends,
    answersNothing: false,
    get stream() {
      return stream;
    },
    get streams() {
      return streams;
    },
    async holds(...resources: readonly EncodedResource[]) {
      const wanted = resources.map(({ name: resource, version }) => [resource, version]);
      const found = () =>
        resources.map(({ typeUrl, name: resource }) => {
          const type = find(typeUrl);
          return [resource, type === undefined ? undefined : held[type].get(resource)];
        });
      await expect.poll(found, { timeout: 10_000, interval: 10 }).toEqual(wanted);
    },
  };
  onTestFinished(() => {
    over = true;
    stream.session.destroy();
  });
  let stream = open();
  return proxy;
}
