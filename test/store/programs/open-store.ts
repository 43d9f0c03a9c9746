import { isKumulusError } from '../../../src/model/errors.ts';
import { createEmbeddedStore } from '../../../src/store/embedded/embedded-store.ts';

/** Opens the store in the folder of its first argument, says how that went, and holds it until standard input ends. */
try {
  const store = createEmbeddedStore({ path: process.argv[2] ?? '' });
  process.stdout.write('open\n');
  process.stdin.resume().on('end', () => void store.close().then(() => process.stdout.write('closed\n')));
} catch (error) {
  process.stdout.write(isKumulusError(error) ? `${error.code}: ${error.message}\n` : `${String(error)}\n`);
}
