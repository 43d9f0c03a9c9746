import type { ClientHttp2Session } from 'node:http2';
import { onTestFinished } from 'vitest';
import { typeUrls } from '../../../src/compile/snapshot.ts';
import { node } from '../ads-client.ts';
import type { TestRelay } from '../relay-fixture.ts';
import { connectHttp2, type Http2Ads, openAds, type StreamEnd } from './http2-ads.ts';
import { addressesOf } from './process-world.ts';

/** A proxy that wants its listeners and clusters and the endpoints of one service, and tries until it has them. */
export interface PersistentProxy {
  readonly name: string;
  /** The addresses of the service's endpoints, as it was told last. */
  readonly endpoints: readonly string[];
  /** Whether it has something of each type, whichever stream brought it. */
  readonly isConfigured: boolean;
  /** How those of its streams ended that were refused or cut off, in order. */
  readonly ends: readonly StreamEnd[];
}

export interface PersistentProxyOptions {
  readonly name: string;
  readonly token: string;
  /** The service that it consumes. */
  readonly service: string;
  /** The Dataplane that it brings along. */
  readonly document?: object;
  /** Milliseconds that it waits before it tries again at first; a random part of it, doubled up to 32 times as long, as Envoy does. */
  readonly backOffMs?: number;
}

const wanted = [typeUrls.cluster, typeUrls.listener, typeUrls.endpoint];

/** Starts a proxy; it goes when the test ends. It comes back on the connection that it has, where there is one. */
export function startPersistentProxy(
  relay: Pick<TestRelay, 'port' | 'ca'>,
  options: PersistentProxyOptions,
): PersistentProxy {
  const { name, token, service, document, backOffMs = 100 } = options;
  const held = new Map(wanted.map((typeUrl) => [typeUrl as string, new Map<string, string>()]));
  const metadata = document === undefined ? {} : { 'dataplane.resource': JSON.stringify(document) };
  const ends: StreamEnd[] = [];
  let endpoints: readonly string[] = [];
  let session: ClientHttp2Session | undefined;
  let ads: Http2Ads | undefined;
  let pause = backOffMs;
  let timer: NodeJS.Timeout | undefined;
  let over = false;

  const open = () => {
    session = session === undefined || session.destroyed || session.closed ? connectHttp2(relay) : session;
    const opened = openAds(session, token);
    ads = opened;
    opened.onResponse(({ typeUrl, nonce, resources, removedResources }) => {
      pause = backOffMs;
      for (const resource of resources) {
        held.get(typeUrl)?.set(resource.name, resource.version);
        if (typeUrl === typeUrls.endpoint && resource.name === service && resource.resource) {
          endpoints = addressesOf(resource.resource.value);
        }
      }
      for (const removed of removedResources) {
        held.get(typeUrl)?.delete(removed);
      }
      opened.send({ typeUrl, responseNonce: nonce });
    });
    for (const [position, typeUrl] of wanted.entries()) {
      opened.send({
        ...(position === 0 && { node: node(name, metadata) }),
        ...(typeUrl === typeUrls.endpoint && { resourceNamesSubscribe: [service] }),
        typeUrl,
        initialResourceVersions: Object.fromEntries(held.get(typeUrl) ?? []),
      });
    }
    void opened.ended.then((end) => {
      if (!over) {
        ends.push(end);
        timer = setTimeout(open, Math.random() * pause);
        pause = Math.min(pause * 2, backOffMs * 32);
      }
    });
  };

  onTestFinished(() => {
    over = true;
    clearTimeout(timer);
    ads?.session.destroy();
  });
  open();
  return {
    name,
    ends,
    get endpoints() {
      return endpoints;
    },
    get isConfigured() {
      return wanted.every((typeUrl) => (held.get(typeUrl)?.size ?? 0) > 0);
    },
  };
}
