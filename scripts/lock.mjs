// Writes package-lock.json anew and takes the download addresses out of it: they are those of whoever ran this last.
// npm's own option for that (omit-lockfile-registry-resolved) also leaves out the packages of other platforms.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

execFileSync('npm', ['install', '--package-lock-only', '--ignore-scripts'], { stdio: 'inherit' });
const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
for (const entry of Object.values(lock.packages)) {
  delete entry.resolved;
}
writeFileSync('package-lock.json', `${JSON.stringify(lock, undefined, 2)}\n`);
