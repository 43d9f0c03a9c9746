import { isIpAddress } from './addresses.ts';
import { parseUrl } from './url.ts';

/** Longer texts are no URLs to the reference, whatever is in them. */
const maxLength = 2083;
const minLength = 4;

const scheme = /^(?:ftp|tcp|udp|wss?|https?):\/\//;
const ipV4 = /^(?:[1-9]\d?|1\d\d|2[01]\d|22[0-3]|24\d|25[0-5])(?:\.(?:\d{1,2}|1\d\d|2[0-4]\d|25[0-5])){3}$/;

/**
 * Whether the text is a URL, or a host with a port or a domain, as https://github.com/asaskevich/govalidator takes it:
 * `http://a.example/b`, `a.example`, `a:80`, but not `a`.
 */
export function isUrl(text: string): boolean {
  if (
    text.length >= 2 * maxLength ||
    [...text].length >= maxLength ||
    Buffer.byteLength(text) < minLength ||
    /^\.|[\t\n\f\r ]/.test(text)
  ) {
    return false;
  }
  const url = parseUrl(text.includes(':') && !text.includes('://') ? `http://${text}` : text);
  if (url === undefined || url.host.startsWith('.') || (url.host === '' && /^[^.]+$/.test(url.path))) {
    return false;
  }
  // What stands before an `@` may be anything, so the host may start after each of them.
  const starts = [0, scheme.exec(text)?.[0].length ?? 0];
  for (let at = text.indexOf('@', 1); at !== -1; at = text.indexOf('@', at + 1)) {
    starts.push(at + 1);
  }
  return starts.some((start) => isAuthority(/[^/?#]*/.exec(text.slice(start, start + maxLength))?.[0] ?? ''));
}

function isAuthority(text: string): boolean {
  const [, host = ''] = /^(.*?)\.?(?::\d{1,5})?$/s.exec(text) ?? [];
  if (host.startsWith('[')) {
    return host.endsWith(']') && host.includes(':') && isIpAddress(host.slice(1, -1));
  }
  return ipV4.test(host) || isName(host);
}

// Classes of characters, one bit each.
const letter = 1;
const digit = 2;
const beyondAscii = 4;
const hyphen = 8;
const underscore = 16;
const dot = 32;
const alphanumeric = letter | digit;
const labelCharacter = alphanumeric | beyondAscii;

// States, one bit each: a prefix of segments (two spellings of it), a label, a top-level domain.
const start = 1;
const segment = 1 << 1;
const segmentEnd = 1 << 2;
const separator = 1 << 3;
const laterSegment = 1 << 4;
const word = 1 << 5;
const wordSeparator = 1 << 6;
const wordsEnd = 1 << 7;
const wordsDot = 1 << 8;
const lastWord = 1 << 9;
const labelStart = 1 << 10;
const label = 1 << 11;
const oneHyphen = 1 << 12;
const twoHyphens = 1 << 13;
const topDot = 1 << 14;
const top = 1 << 15;

const beforeLabel =
  start | segmentEnd | laterSegment | lastWord | labelStart | oneHyphen | twoHyphens | label;

/** From any of these states, on any of these characters, to that one. Several go at a time. */
const transitions: readonly (readonly [from: number, on: number, to: number])[] = [
  [start, alphanumeric, segment],
  [segment, alphanumeric | underscore | hyphen, segment],
  [segment, alphanumeric, segmentEnd],
  [segmentEnd | laterSegment, dot | hyphen, separator],
  [separator | laterSegment, alphanumeric, laterSegment],
  [start | word | wordSeparator, alphanumeric, word],
  [word, hyphen | underscore | dot, wordSeparator],
  [word, alphanumeric, wordsEnd],
  [wordsEnd, dot, wordsDot],
  [wordsDot | lastWord, alphanumeric, lastWord],
  [beforeLabel, labelCharacter, label],
  [label, hyphen, oneHyphen],
  [oneHyphen, hyphen, twoHyphens],
  [label, dot, topDot],
  [topDot | top, letter | beyondAscii, top],
];

/** Walks through all readings of a name at once, for a regular expression could be made to take for ever. */
function isName(text: string): boolean {
  return walk(text, start) || (text.startsWith('www.') && walk(text.slice('www.'.length), labelStart));
}

function walk(text: string, from: number): boolean {
  let states = from;
  for (const character of text) {
    const kind = classOf(character);
    let next = 0;
    for (const [before, on, after] of transitions) {
      if ((states & before) !== 0 && (kind & on) !== 0) {
        next |= after;
      }
    }
    states = next;
    if (states === 0) {
      return false;
    }
  }
  return (states & (label | top)) !== 0;
}

function classOf(character: string): number {
  if (/[A-Za-z]/.test(character)) {
    return letter;
  }
  if (/\d/.test(character)) {
    return digit;
  }
  switch (character) {
    case '-':
      return hyphen;
    case '_':
      return underscore;
    case '.':
      return dot;
    default:
      return /^[\u00a1-\uffff]$/.test(character) ? beyondAscii : 0;
  }
}
