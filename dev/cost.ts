import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../dp/project-root.ts';
import { readAssumptions } from './cost/assumptions.ts';
import { readMeasuredUnits } from './cost/measured-units.ts';
import { costUsage, readCostOptions } from './cost/options.ts';
import { readPriceList } from './cost/price-list.ts';
import { costReport } from './cost/report.ts';

const folder = join(projectRoot() ?? process.cwd(), 'dev', 'cost');
const read = (file: string) => readFileSync(join(folder, file), 'utf8');

try {
  const options = readCostOptions(process.argv.slice(2), readAssumptions(read('assumptions.yml')));
  const { help, load, assumptions } = options;
  if (help) {
    console.log(costUsage);
  } else {
    const prices = readPriceList(
      options.prices === undefined ? read('prices.yml') : readFileSync(options.prices, 'utf8'),
    );
    console.log(costReport({ prices, units: readMeasuredUnits(read('units.yml')), assumptions }, load));
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
