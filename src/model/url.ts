import { isIpAddress } from './addresses.ts';

/** The parts of a URL (RFC 3986) as Go's `net/url` takes it apart; parts that are missing are empty. */
export interface Url {
  /** In lower case. */
  readonly scheme: string;
  /** What follows a scheme without a slash, as in `mailto:a@b`. */
  readonly opaque: string;
  /** Without the `@`; undefined where there is no `@`. */
  readonly user: string | undefined;
  /** With brackets and port, as it stands there. */
  readonly host: string;
  readonly port: string;
  readonly path: string;
  readonly query: string;
}

const noHost = { user: undefined, host: '', port: '' };
const userCharacters = /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/;
/** Letters beyond ASCII may be escaped, and the `%` that starts the zone of an address. */
const hostCharacters =
  /^(?:[A-Za-z0-9!"$&'()*+,\-.:;<=>[\]_~\u0080-\u{10ffff}]|%25|%[89A-Fa-f][0-9A-Fa-f])*$/u;
const brokenEscape = /%(?![0-9A-Fa-f]{2})/;

/** Takes a URL apart as Go's `url.Parse` does, relative ones included; undefined where that fails. */
export function parseUrl(text: string): Url | undefined {
  const hash = text.indexOf('#');
  const fragment = hash === -1 ? '' : text.slice(hash + 1);
  return brokenEscape.test(fragment) ? undefined : parse(hash === -1 ? text : text.slice(0, hash), false);
}

/** The same for what is requested, as Go's `url.ParseRequestURI`: absolute, and without a fragment of its own. */
export function parseRequestUrl(text: string): Url | undefined {
  return text === '' ? undefined : parse(text, true);
}

function parse(text: string, request: boolean): Url | undefined {
  if (/[^ -~\u0080-\u{10ffff}]/u.test(text) || text.startsWith(':')) {
    return undefined;
  }
  if (text === '*') {
    return { scheme: '', opaque: '', ...noHost, path: '*', query: '' };
  }
  const [prefix = '', scheme = ''] = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text) ?? [];
  const [rest = '', query = ''] = splitAt(text.slice(prefix.length), '?');
  const common = { scheme: scheme.toLowerCase(), query };
  if (!rest.startsWith('/')) {
    if (scheme !== '') {
      return { ...common, opaque: rest, ...noHost, path: '' };
    }
    // A colon in the first segment of a relative path would be taken for the end of a scheme.
    return request || splitAt(rest, '/')[0].includes(':') ? undefined : withPath(common, noHost, rest);
  }
  if (rest.startsWith('//') && (scheme !== '' || (!request && !rest.startsWith('///')))) {
    const slash = rest.indexOf('/', 2);
    const authority = parseAuthority(common.scheme, rest.slice(2, slash === -1 ? undefined : slash));
    return authority && withPath(common, authority, slash === -1 ? '' : rest.slice(slash));
  }
  return withPath(common, noHost, rest);
}

function withPath(
  common: Pick<Url, 'scheme' | 'query'>,
  authority: Pick<Url, 'user' | 'host' | 'port'>,
  path: string,
): Url | undefined {
  return brokenEscape.test(path) ? undefined : { ...common, opaque: '', ...authority, path };
}

function parseAuthority(scheme: string, text: string): Pick<Url, 'user' | 'host' | 'port'> | undefined {
  const at = text.lastIndexOf('@');
  const user = at === -1 ? undefined : text.slice(0, at);
  const host = text.slice(at + 1);
  if (user !== undefined && (!userCharacters.test(user) || brokenEscape.test(user))) {
    return undefined;
  }
  const port = host.includes('[') ? portBehindBrackets(host) : portBehindName(scheme, host);
  return port === undefined || !hostCharacters.test(host) ? undefined : { user, host, port: port.slice(1) };
}

/** The port with its colon, empty where there is none; undefined where the host is no address in brackets. */
function portBehindBrackets(host: string): string | undefined {
  const [, address = '', port] = /^\[([^[]*)\](:\d*)?$/.exec(host) ?? [];
  const [plain = ''] = address.split('%25');
  return port === undefined && !host.endsWith(']') ? undefined : isIpV6(plain) ? (port ?? '') : undefined;
}

function isIpV6(address: string): boolean {
  return address.includes(':') && isIpAddress(address);
}

/** Several colons are taken where the scheme is not HTTP: some databases list hosts there. */
function portBehindName(scheme: string, host: string): string | undefined {
  const http = scheme === 'http' || scheme === 'https';
  const colon = http ? host.indexOf(':') : host.lastIndexOf(':');
  const port = colon === -1 ? '' : host.slice(colon);
  return /^(?::\d*)?$/.test(port) ? port : undefined;
}

function splitAt(text: string, separator: string): [before: string, after: string] {
  const position = text.indexOf(separator);
  return position === -1 ? [text, ''] : [text.slice(0, position), text.slice(position + separator.length)];
}
