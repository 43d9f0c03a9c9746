import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readAssumptions } from './assumptions.ts';
import { readMeasuredUnits } from './measured-units.ts';
import { readCostOptions } from './options.ts';
import { readPriceList } from './price-list.ts';
import { costReport } from './report.ts';

const read = (file: string) => readFileSync(new URL(file, import.meta.url), 'utf8');
const units = readMeasuredUnits(read('units.yml'));

/** Holds what is between two marks of a document against what it should be; rewrites it with `UPDATE_GOLDENS=1`. */
function expectMarked(document: string, mark: string, wanted: string): void {
  const file = fileURLToPath(new URL(`../../docs/${document}`, import.meta.url));
  const text = readFileSync(file, 'utf8');
  const marked = new RegExp(`(<!-- ${mark} -->\n)[\\s\\S]*?(\n<!-- end of ${mark} -->)`);
  expect(text).toMatch(marked);
  const whole = text.replace(marked, (_, begin: string, end: string) => `${begin}${wanted}${end}`);
  if (process.env.UPDATE_GOLDENS === '1') {
    writeFileSync(file, whole);
  } else {
    expect(text).toBe(whole);
  }
}

function markdownTable(rows: readonly (readonly string[])[], alignRight: readonly boolean[]): string {
  const widths = alignRight.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, at) => (alignRight[at] === true ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0))).join(' | ')} |`;
  const [head = [], ...body] = rows;
  const rule = widths.map((width, at) =>
    alignRight[at] === true ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width),
  );
  return [line(head), line(rule), ...body.map(line)].join('\n');
}

describe('the documents', () => {
  it('docs/scale.md has the measured units', () => {
    const rows = Object.entries(units.acts).map(([name, { what, writes, reads }]) => [
      `\`${name}\``,
      what,
      String(writes),
      String(reads),
    ]);
    const table = markdownTable([['act', '', 'writes', 'reads'], ...rows], [false, false, true, true]);
    expectMarked('scale.md', 'units', table);
  });

  it('docs/cost.md has what the command prints', () => {
    const { assumptions, load } = readCostOptions(
      ['--proxies', '1000', '--tenants', '10', '--changes-per-hour', '60'],
      readAssumptions(read('assumptions.yml')),
    );
    const report = costReport({ prices: readPriceList(read('prices.yml')), units, assumptions }, load);
    expectMarked('cost.md', 'cost', `\`\`\`text\n${report}\`\`\``);
  });
});
