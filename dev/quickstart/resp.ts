/** One value of RESP 2 that this needs: a number, text, nothing, an error, or a list of texts. */
export type RespReply = number | string | null | Error;

/** Requests are small; what is larger is no client of ours. */
const maxBuffered = 65_536;

/** Reads requests, which are arrays of bulk strings or plain lines, as they come in pieces. */
export interface RespParser {
  /** @throws Error where the bytes are no RESP, or a request is larger than 64 KiB. */
  push(data: Buffer): readonly (readonly string[])[];
}

export function createRespParser(): RespParser {
  let buffered = '';
  return {
    push(data) {
      buffered += data.toString('latin1');
      if (buffered.length > maxBuffered) throw new Error('the request is too large');
      const requests: (readonly string[])[] = [];
      for (;;) {
        const read = readRequest(buffered);
        if (read === undefined) return requests;
        buffered = buffered.slice(read.end);
        requests.push(read.words);
      }
    },
  };
}

function readRequest(text: string): { words: string[]; end: number } | undefined {
  const head = readLine(text, 0);
  if (head === undefined) return undefined;
  if (!head.line.startsWith('*')) return { words: head.line.split(/\s+/).filter(Boolean), end: head.end };
  const words: string[] = [];
  let at = head.end;
  for (let left = length(head.line); left > 0; left -= 1) {
    const size = readLine(text, at);
    if (size === undefined) return undefined;
    const end = size.end + length(size.line);
    if (text.length < end + 2) return undefined;
    words.push(text.slice(size.end, end));
    at = end + 2;
  }
  return { words, end: at };
}

function length(line: string): number {
  const number = /^[*$](\d{1,5})$/.exec(line)?.[1];
  if (number === undefined) throw new Error('this is no RESP');
  return Number(number);
}

function readLine(text: string, from: number): { line: string; end: number } | undefined {
  const at = text.indexOf('\r\n', from);
  return at < 0 ? undefined : { line: text.slice(from, at), end: at + 2 };
}

/** Writes a request. */
export function respRequest(...words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
}

/** Reads replies that are whole; fewer than were asked for where some are still to come. */
export function readReplies(text: string): readonly RespReply[] {
  const replies: RespReply[] = [];
  let at = 0;
  for (;;) {
    const head = readLine(text, at);
    if (head === undefined) return replies;
    const rest = head.line.slice(1);
    at = head.end;
    if (head.line.startsWith(':')) replies.push(Number(rest));
    else if (head.line.startsWith('+')) replies.push(rest);
    else if (head.line.startsWith('-')) replies.push(new Error(rest));
    else if (head.line === '$-1') replies.push(null);
    else {
      const end = at + length(head.line);
      if (text.length < end + 2) return replies;
      replies.push(text.slice(at, end));
      at = end + 2;
    }
  }
}
