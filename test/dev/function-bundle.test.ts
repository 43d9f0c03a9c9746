import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleFunction, type FunctionBundle } from '../../dev/bench/function-bundle.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));

describe.each([
  { entry: 'functions/api.ts', startKiB: 1_150, allKiB: 1_400 },
  { entry: 'functions/jobs.ts', startKiB: 1_000, allKiB: 1_250 },
  { entry: 'functions/admission.ts', startKiB: 1_050, allKiB: 1_300 },
])('the bundle of $entry', ({ entry, startKiB, allKiB }) => {
  let bundle: FunctionBundle;
  beforeAll(async () => {
    bundle = await bundleFunction(project, entry);
  });
  afterAll(() => bundle.remove());

  it.each([
    { what: 'code of Envoy', pattern: /^src\/(envoy|xds|compile)\// },
    { what: 'engine of the local server', pattern: /^node_modules\/lmdb\/|^src\/store\/embedded\// },
    { what: 'gRPC or protobuf', pattern: /^node_modules\/(@grpc|@bufbuild)\// },
    { what: "metrics, which are the relay's", pattern: /^src\/observability\/|^node_modules\/prom-client\// },
    { what: 'wordings of zod in other languages', pattern: /zod\/v4\/locales\/(?!en\.|index\.)/ },
  ])('has no $what', ({ pattern }) => {
    expect([...bundle.sources.keys()].filter((source) => pattern.test(source))).toEqual([]);
  });

  it(`reads at most ${startKiB} KiB to start, and has ${allKiB} KiB at most`, () => {
    expect(bundle.startBytes / 1024).toBeLessThan(startKiB);
    expect(bundle.bytes / 1024).toBeLessThan(allKiB);
    expect(bundle.startBytes).toBeLessThan(bundle.bytes);
  });
});
