// Fails where a dependency that is shipped has a licence outside of the list, or none.
import { execFileSync } from 'node:child_process';

const allowed = new Set([
  'MIT',
  'Apache-2.0',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
]);

const bill = JSON.parse(
  execFileSync('npm', ['sbom', '--omit', 'dev', '--sbom-format', 'spdx'], {
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  }),
);

/** SPDX expressions of the simple forms that occur: `A`, `(A AND B)`, `(A OR B)`. */
function accepted(expression) {
  const text = expression.replace(/^\((.*)\)$/, '$1');
  if (text.includes(' OR ')) {
    return text.split(' OR ').some(accepted);
  }
  return text.split(' AND ').every((name) => allowed.has(name.trim()));
}

const packages = bill.packages.filter(({ name }) => name !== bill.name.replace(/@.*$/, ''));
const refused = packages.filter(({ licenseDeclared }) => !accepted(licenseDeclared ?? 'NONE'));
for (const { name, versionInfo, licenseDeclared } of refused) {
  console.error(`${name}@${versionInfo}: ${licenseDeclared}`);
}
console.log(
  `${packages.length - refused.length} of ${packages.length} shipped packages have an accepted licence`,
);
process.exitCode = refused.length === 0 && packages.length > 0 ? 0 : 1;
