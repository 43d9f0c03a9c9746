import { describe } from 'vitest';
import { conditionCases } from './contract/conditions.case.ts';
import { itemCases } from './contract/items.case.ts';
import { limitCases } from './contract/limits.case.ts';
import { queryCases } from './contract/queries.case.ts';
import { expiryCases } from './contract/time.case.ts';
import { createContractWorld, type StartEngine } from './contract/world.ts';

/** Everything that an engine of the port must do, run on each of them. */
export function storeContract(name: string, start: StartEngine): void {
  describe(`the store on ${name}`, () => {
    const world = createContractWorld(start);
    itemCases(world);
    limitCases(world);
    conditionCases(world);
    queryCases(world);
    expiryCases(world);
  });
}
