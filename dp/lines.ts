import type { Readable } from 'node:stream';

/** Envoy's own lines are far shorter; what is longer is passed on in pieces, so that memory stays bounded. */
const maxLine = 65_536;

/**
 * Passes a stream on line by line, so that two writers to one terminal or file never mix within a line. Lines keep their
 * newline; a last one without gets one.
 */
export function forwardLines(from: Readable, write: (line: string) => void): void {
  let rest = '';
  from.setEncoding('utf8');
  from.on('data', (chunk: string) => {
    rest += chunk;
    const end = rest.lastIndexOf('\n') + 1;
    if (end > 0) {
      write(rest.slice(0, end));
      rest = rest.slice(end);
    }
    if (rest.length > maxLine) {
      write(`${rest}\n`);
      rest = '';
    }
  });
  from.on('close', () => {
    if (rest !== '') write(`${rest}\n`);
    rest = '';
  });
}
