#!/usr/bin/env node
import { randomUUID } from 'node:crypto';
import { homedir } from 'node:os';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { isKumulusError } from '../src/model/errors.ts';
import type { Surroundings } from './surroundings.ts';

// Whoever reads the output may go away; a proxy does not end because of that.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

const surroundings: Surroundings = {
  out: (words) => process.stdout.write(words),
  note: (words) => process.stderr.write(words),
  notesToTerminal: process.stderr.isTTY === true,
  stdin: () => text(process.stdin),
  env: process.env,
  clock: Date.now,
  ids: randomUUID,
  sleep,
  home: homedir(),
  setExitCode(code) {
    process.exitCode = code;
  },
};

/** A proxy's supervisor stays for as long as the proxy does: it loads nothing that it has no use for. */
async function programFor(command: string | undefined) {
  if (command === 'dp') {
    const { createDpProgram } = await import('./dp-program.ts');
    return createDpProgram(surroundings);
  }
  const { createProgram } = await import('./program.ts');
  return createProgram(surroundings);
}

try {
  const program = await programFor(process.argv[2]);
  await program.parseAsync();
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  console.error(`Error: ${isKumulusError(error) ? message : `unexpected: ${message}`}`);
  process.exitCode = 1;
}
