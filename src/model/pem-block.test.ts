import { expect, it } from 'vitest';
import { firstPemLabel } from './pem-block.ts';

const pem = (label: string, body = 'AAAA\n') => `-----BEGIN ${label}-----\n${body}-----END ${label}-----\n`;

it.each([
  ['a block', pem('CERTIFICATE'), 'CERTIFICATE'],
  ['a block without a last line break', pem('A').trim(), 'A'],
  ['Windows line ends', pem('A').replaceAll('\n', '\r\n'), 'A'],
  ['text around', `subject=x\n${pem('A')}more\n`, 'A'],
  ['several blocks', pem('A') + pem('B'), 'A'],
  ['an empty block', pem('A', ''), 'A'],
  ['empty lines', pem('A', '\nAAAA\n\n'), 'A'],
  ['headers', pem('A', 'Proc-Type: 4,ENCRYPTED\n\nAAAA\n'), 'A'],
  ['an empty label', pem(''), ''],
  ['spaces in and behind lines', '-----BEGIN A-----  \nAA AA \n-----END A-----\t\n', 'A'],
  ['a broken block before', `-----BEGIN X-----\n${pem('A')}`, 'A'],
  ['nothing', '', undefined],
  ['no block', 'AAAA', undefined],
  ['one line', '-----BEGIN A----- AAAA -----END A-----', undefined],
  ['an indented block', ` ${pem('A')}`, undefined],
  ['another label at the end', pem('A').replace('END A', 'END B'), undefined],
  ['no end', '-----BEGIN A-----\nAAAA\n', undefined],
  ['an end within a line', pem('A', 'AAAA'), undefined],
  ['what is no base64', pem('A', 'A*AA\n'), undefined],
  ['base64 that is cut off', pem('A', 'AAA\n'), undefined],
  ['something behind the end', '-----BEGIN A-----\nAAAA\n-----END A-----x\n', undefined],
])('the first label of %s', (_, text, label) => {
  expect(firstPemLabel(text)).toBe(label);
});

it('is found in no more than the time that the text is long', () => {
  const started = performance.now();
  expect(firstPemLabel('-----BEGIN A-----\n'.repeat(50_000))).toBeUndefined();
  expect(firstPemLabel(`-----BEGIN A-----\n${'a: b\n'.repeat(150_000)}`)).toBeUndefined();
  expect(performance.now() - started).toBeLessThan(5_000);
});
