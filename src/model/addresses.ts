import { isIP } from 'node:net';

/** Whether the text is an IPv4 or IPv6 address without a zone, as Go's `net.ParseIP` takes it. */
export function isIpAddress(text: string): boolean {
  return !text.includes('%') && isIP(text) !== 0;
}

const hostName = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,62}(?:\.[A-Za-z0-9_][A-Za-z0-9_-]{0,62})*[._]?$/;

/** Whether the text can be a host name (RFC 1035; underscores are allowed, as in Kuma) and is no IP address. */
export function isHostName(text: string): boolean {
  return text.replaceAll('.', '').length <= 255 && !isIpAddress(text) && hostName.test(text);
}

/** Whether the text is an address that stands for every interface: `0.0.0.0`, `::` and other ways to write them. */
export function isUnspecified(text: string): boolean {
  return text.includes(':') ? isIpAddress(text) && /^[0:.]+$/.test(text) : text === '0.0.0.0';
}

/** Whether the text is a range of addresses (RFC 4632), such as `192.0.2.0/24`, as Go's `net.ParseCIDR` takes it. */
export function isCidr(text: string): boolean {
  const [, address = '', bits = ''] = /^([^/]*)\/(\d+)$/.exec(text) ?? [];
  return isIpAddress(address) && Number(bits) <= (address.includes(':') ? 128 : 32);
}

/** An address taken apart. */
export interface HostPort {
  readonly host: string;
  readonly port: string;
}

/** Splits `HOST:PORT`, `[IPv6]:PORT` included; undefined where either is missing. */
export function splitHostPort(text: string): HostPort | undefined {
  const parts = splitAddress(text);
  return parts === undefined || parts.host === '' || parts.port === '' ? undefined : parts;
}

/** The same, where host and port may be empty, as Go's `net.SplitHostPort` has it; undefined where there is no `:`. */
export function splitAddress(text: string): HostPort | undefined {
  const [, bracketed, plain, port] = /^(?:\[([^[\]]*)\]|([^:[\]]*)):([^:[\]]*)$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  return host === undefined || port === undefined ? undefined : { host, port };
}

/**
 * Reads what may stand in the first line of an HTTP request (RFC 9112, section 3.2): an absolute path or an absolute URI.
 *
 * @returns the port that an absolute URI names, empty where it names none; undefined where the text is neither.
 */
export function parseRequestUri(text: string): { readonly port: string } | undefined {
  const [beforeQuery = ''] = text.split('?');
  if (/\p{Cc}/u.test(text) || /%(?![0-9A-Fa-f]{2})/.test(beforeQuery)) {
    return undefined;
  }
  if (beforeQuery === '*' || text.startsWith('/')) {
    return { port: '' };
  }
  const { scheme, authority } =
    /^(?<scheme>[A-Za-z][A-Za-z0-9+.-]*:)?(?:\/\/(?<authority>[^/?]*))?/.exec(text)?.groups ?? {};
  if (authority === undefined) {
    return scheme === undefined ? undefined : { port: '' };
  }
  const { port } = /^(?:[^@\s]*@)?(?:\[[^\]\s]*\]|[^:@[\]\s<>"]*)(?::(?<port>\d*))?$/.exec(authority)
    ?.groups ?? { port: null };
  return port === null ? undefined : { port: port ?? '' };
}
