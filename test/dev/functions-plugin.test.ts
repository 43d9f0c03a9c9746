import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import FunctionsPlugin, { type Framework } from '../../dev/deploy/functions-plugin.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

type Custom = Framework['service']['custom'];
const unnamed = { domain: '', hostedZoneId: '', certificateArn: '' };

/** A service with one function, as the framework shows it to its plugins. */
function service(options: {
  folder?: string;
  stage?: Partial<typeof unnamed>;
  live?: string;
  version?: string;
}) {
  const resources: Record<string, unknown> = {};
  const definition = {
    handler: 'functions/one.handler',
    package: { artifact: '.cache/functions/one.zip' },
    ...('version' in options && { versionLogicalId: options.version }),
  };
  const custom: Custom = {
    esbuild: {
      bundle: true,
      format: 'esm',
      platform: 'node',
      outputFileExtension: '.mjs',
      sourcemap: 'linked',
    },
    stage: { functions: { ...unnamed, ...options.stage } },
    liveVersions: { one: options.live ?? '' },
  };
  const framework: Framework = {
    serviceDir: options.folder ?? '.',
    service: {
      custom,
      provider: { compiledCloudFormationTemplate: { Resources: resources } },
      getAllFunctions: () => ['one'],
      getFunction: () => definition,
    },
    getProvider: () => ({
      naming: {
        getLambdaLogicalId: () => 'OneLambdaFunction',
        getNormalizedFunctionName: () => 'One',
      },
    }),
  };
  const plugin = new FunctionsPlugin(framework);
  const hook = async (name: string) => plugin.hooks[name]?.();
  return { resources, definition, hook };
}

describe('the plugin of serverless.yml', () => {
  it('packs an entry with what it imports, under the path of its handler', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'functions'));
    writeFileSync(
      join(folder, 'functions/one.ts'),
      "import { word } from './word.ts';\nexport const handler = (): string => word;\n",
    );
    writeFileSync(join(folder, 'functions/word.ts'), "export const word = 'packed';\n");
    await service({ folder }).hook('before:package:createDeploymentArtifacts');
    const archive = join(folder, '.cache/functions/one.zip');
    const first = readFileSync(archive);
    execFileSync('python3', ['-m', 'zipfile', '-e', archive, join(folder, 'out')]);
    const { handler } = await import(join(folder, 'out/functions/one.mjs'));
    expect(handler()).toBe('packed');
    await service({ folder }).hook('before:package:createDeploymentArtifacts');
    expect(readFileSync(archive).equals(first)).toBe(true);
  });

  it('announces an alias before functions are compiled, and adds it at the new version', async () => {
    const { definition, resources, hook } = service({ version: 'OneVersionAbc' });
    await hook('before:package:compileFunctions');
    expect(definition).toMatchObject({ targetAlias: { name: 'live', logicalId: 'OneLiveAlias' } });
    await hook('after:package:compileFunctions');
    expect(resources).toEqual({
      OneLiveAlias: {
        Type: 'AWS::Lambda::Alias',
        Properties: {
          Name: 'live',
          FunctionName: { Ref: 'OneLambdaFunction' },
          FunctionVersion: { 'Fn::GetAtt': ['OneVersionAbc', 'Version'] },
        },
      },
    });
  });

  it('leaves the alias at a version that is told', async () => {
    const { resources, hook } = service({ version: 'OneVersionAbc', live: '12' });
    await hook('after:package:compileFunctions');
    expect(resources).toMatchObject({ OneLiveAlias: { Properties: { FunctionVersion: '12' } } });
  });

  it('refuses functions without versions', async () => {
    await expect(service({}).hook('after:package:compileFunctions')).rejects.toThrow(
      'the function one has no version: versionFunctions must be true',
    );
  });

  it.each([
    { stage: { domain: 'api.example.com' }, isRefused: true },
    { stage: { domain: 'api.example.com', hostedZoneId: 'Z1' }, isRefused: false },
    { stage: { domain: 'api.example.com', certificateArn: 'arn:aws:acm:…' }, isRefused: false },
    { stage: {}, isRefused: false },
  ])('a stage with $stage is refused: $isRefused', async ({ stage, isRefused }) => {
    const checked = service({ stage }).hook('before:package:initialize');
    if (isRefused) {
      await expect(checked).rejects.toThrow(
        'the domain api.example.com needs a certificateArn, or a hostedZoneId',
      );
    } else {
      await expect(checked).resolves.toBeUndefined();
    }
  });
});
