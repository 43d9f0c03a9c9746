import { Command } from 'commander';
import { kumaVersion, version } from '../dp/version.ts';

/** `kumulus version`. */
export function versionCommand(print: (line: string) => void): Command {
  return new Command('version').description('print the version').action(() => {
    print(`Kumulus: ${version} (for Kuma ${kumaVersion})`);
  });
}
