import { bench, describe } from 'vitest';
import { createCompiler } from '../../src/compile/create-compiler.ts';
import { proxyInput } from './support/compile-fixture.ts';
import { connectionTimeout, fleet, fleetMember, withResource } from './support/fleet.ts';

/**
 * What compiling the configuration of a whole fleet costs: `npx vitest bench test/xds/compile.bench.ts`. Every number is
 * for all 1,000 proxies at once.
 */
const size = { proxies: 1000, services: 100, outbounds: 5 };

describe('1,000 proxies, 100 services, 5 outbounds each', () => {
  const { context, dataplanes } = fleet(size);
  const inputs = dataplanes.map((dataplane) => proxyInput(context, dataplane));
  const compiler = createCompiler();
  let compiled = inputs.map((input) => compiler.compile(input));
  let now = context;
  let round = 0;

  function compileAll(): void {
    compiled = inputs.map((input, at) => compiler.compile({ ...input, context: now }, compiled[at]));
  }

  bench('bring-up', () => {
    const fresh = createCompiler();
    for (const input of inputs) {
      fresh.compile(input);
    }
  });

  bench('nothing has changed', compileAll);

  bench('another connection timeout for the whole mesh', () => {
    now = withResource(now, connectionTimeout(`${++round}s`));
    compileAll();
  });

  bench('a new endpoint', () => {
    now = withResource(now, fleetMember(size.proxies + (++round % 1000), size));
    compileAll();
  });
});
