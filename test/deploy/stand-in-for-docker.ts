import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Programs in place of Docker and the AWS CLI, which note how they are called: no engine and no registry is at hand. */
export function standInForDocker(folder: string) {
  const bin = join(folder, 'engine');
  const notes = join(bin, 'notes');
  mkdirSync(bin);
  const programs = {
    aws: `echo "aws $*" >> "${notes}"; echo password-of-the-registry`,
    docker: `if [ "$1" = login ]; then echo "docker $* < $(cat)" >> "${notes}"; else echo "docker $*" >> "${notes}"; fi`,
  };
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  return {
    env: { PATH: `${bin}:${process.env.PATH}` },
    calls: (): readonly string[] => (existsSync(notes) ? readFileSync(notes, 'utf8').trim().split('\n') : []),
  };
}
