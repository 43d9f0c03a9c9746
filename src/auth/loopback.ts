import { BlockList, isIP } from 'node:net';

/** What is known of a request that may come from the machine itself. */
export interface Caller {
  /** The address at the other end of the socket; undefined where there is none, as on Lambda. */
  readonly peerAddress: string | undefined;
  /** What the server found of the caller's client certificate; absent where it showed none. */
  readonly certificate?: 'trusted' | 'untrusted' | undefined;
  /** A header by its name in lower case. */
  header(name: string): string | undefined;
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** What a proxy in front adds: the one who asks is then another than the peer. */
const proxyHeaders = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'];

/**
 * Whether the request comes from the machine itself and nobody else made it. The peer's address decides; headers can
 * only take the right away: a proxy on the machine speaks for others, and a browser on it is led by the pages it shows
 * (DNS rebinding is told by the Host, other sites by Origin and Sec-Fetch-Site).
 */
export function isDirectLoopback(caller: Caller): boolean {
  const host = caller.header('host');
  const origin = caller.header('origin');
  const site = caller.header('sec-fetch-site');
  return (
    isLoopbackAddress(caller.peerAddress) &&
    proxyHeaders.every((name) => caller.header(name) === undefined) &&
    host !== undefined &&
    namesLoopback(host) &&
    (site === undefined || site === 'same-origin' || site === 'none') &&
    (origin === undefined || isSameOrigin(origin, host))
  );
}

/** What systems call themselves when a program on them calls; asking a BlockList costs more than the rest. */
const usual: ReadonlySet<string> = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

function isLoopbackAddress(address: string | undefined): boolean {
  if (address === undefined) return false;
  if (usual.has(address)) return true;
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  const version = isIP(plain);
  return version !== 0 && loopback.check(plain, version === 4 ? 'ipv4' : 'ipv6');
}

let lastHost = { host: '', isLoopback: false };

/** Whether a Host is the machine itself. Callers repeat it with every request, so that the last one's answer is kept. */
function namesLoopback(host: string): boolean {
  if (lastHost.host !== host) {
    lastHost = { host, isLoopback: isLoopbackHost(urlOf(`http://${host}`)) };
  }
  return lastHost.isLoopback;
}

function isLoopbackHost(url: URL | undefined): boolean {
  if (
    url === undefined ||
    url.pathname !== '/' ||
    url.username !== '' ||
    url.search !== '' ||
    url.hash !== ''
  ) {
    return false;
  }
  const name = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  return name === 'localhost' || isLoopbackAddress(name);
}

/** The scheme that the Host is read under is the origin's, so that the ports that they leave out are the same. */
function isSameOrigin(origin: string, host: string | undefined): boolean {
  const from = urlOf(origin);
  const to = from === undefined || host === undefined ? undefined : urlOf(`${from.protocol}//${host}`);
  return (
    from !== undefined && /^https?:$/.test(from.protocol) && isLoopbackHost(from) && from.host === to?.host
  );
}

function urlOf(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
