// What serverless.yml needs beyond the framework, the same for osls and for Serverless Framework v4: each function is bundled by
// itself, and has the alias `live` in front of it, so that a version can be tried with a part of the calls and be left again.
// (Plugins for esbuild will not do: v4 refuses them unless `build.esbuild` is false, and osls knows no `build`.)
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { zip } from './zip.ts';

/** The alias that the gateway and the schedule call. */
export const liveAlias = 'live';

/** A function of `serverless.yml`, with what the framework enters while it packages. */
interface FunctionDefinition {
  /** `functions/api.handler`: the module without its ending, and what it exports. */
  readonly handler: string;
  readonly package: { readonly artifact: string };
  /** The framework's own word for an alias: routes, rules, permissions and destinations then lead to it. */
  targetAlias?: { readonly name: string; readonly logicalId: string };
  readonly versionLogicalId?: string;
}

/** What the plugin uses of the framework. */
export interface Framework {
  readonly serviceDir: string;
  readonly service: {
    readonly custom: {
      readonly esbuild: BuildOptions & { readonly outputFileExtension: string };
      readonly stage: {
        readonly functions: {
          readonly domain: string;
          readonly hostedZoneId: string;
          readonly certificateArn: string;
        };
      };
      /** By function: the version at which `live` stays; the new one where it is absent or empty. */
      readonly liveVersions?: Readonly<Record<string, string>>;
    };
    readonly provider: {
      readonly compiledCloudFormationTemplate: { readonly Resources: Record<string, unknown> };
    };
    getAllFunctions(): readonly string[];
    getFunction(name: string): FunctionDefinition;
  };
  getProvider(name: 'aws'): {
    readonly naming: {
      getLambdaLogicalId(name: string): string;
      getNormalizedFunctionName(name: string): string;
    };
  };
}

/** The plugin, as the framework loads it. */
export default class FunctionsPlugin {
  readonly hooks: Readonly<Record<string, () => void | Promise<void>>>;
  readonly #framework: Framework;

  constructor(framework: Framework) {
    this.#framework = framework;
    this.hooks = {
      'before:package:initialize': () => this.#checkDomain(),
      'before:package:createDeploymentArtifacts': () => this.#pack(),
      'before:package:compileFunctions': () => this.#announceAliases(),
      'after:package:compileFunctions': () => this.#addAliases(),
    };
  }

  /** What the template cannot say of its parameters. */
  #checkDomain(): void {
    const { domain, hostedZoneId, certificateArn } = this.#framework.service.custom.stage.functions;
    if (domain !== '' && hostedZoneId === '' && certificateArn === '') {
      throw new Error(
        `the domain ${domain} needs a certificateArn, or a hostedZoneId to have a certificate made (infra/stages.yml)`,
      );
    }
  }

  async #pack(): Promise<void> {
    const { serviceDir, service } = this.#framework;
    for (const [, { handler, package: packaged }] of this.#functions()) {
      const entry = `${handler.slice(0, handler.lastIndexOf('.'))}.ts`;
      writeWhole(
        resolve(serviceDir, packaged.artifact),
        zip(await bundle(serviceDir, entry, service.custom.esbuild)),
      );
    }
  }

  #announceAliases(): void {
    for (const [name, definition] of this.#functions()) {
      definition.targetAlias = { name: liveAlias, logicalId: this.#aliasId(name) };
    }
  }

  #addAliases(): void {
    const { custom, provider } = this.#framework.service;
    for (const [name, { versionLogicalId }] of this.#functions()) {
      if (versionLogicalId === undefined) {
        throw new Error(`the function ${name} has no version: versionFunctions must be true`);
      }
      provider.compiledCloudFormationTemplate.Resources[this.#aliasId(name)] = {
        Type: 'AWS::Lambda::Alias',
        Properties: {
          Name: liveAlias,
          FunctionName: { Ref: this.#naming.getLambdaLogicalId(name) },
          FunctionVersion: custom.liveVersions?.[name] || { 'Fn::GetAtt': [versionLogicalId, 'Version'] },
        },
      };
    }
  }

  #functions(): readonly (readonly [string, FunctionDefinition])[] {
    const { service } = this.#framework;
    return service.getAllFunctions().map((name) => [name, service.getFunction(name)]);
  }

  #aliasId(name: string): string {
    return `${this.#naming.getNormalizedFunctionName(name)}LiveAlias`;
  }

  get #naming() {
    return this.#framework.getProvider('aws').naming;
  }
}

/** Bundles an entry with all that it needs; the files by their path in the archive. */
async function bundle(
  project: string,
  entry: string,
  { outputFileExtension, ...options }: Framework['service']['custom']['esbuild'],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const outdir = join(project, '.cache/functions/bundle');
  const { outputFiles } = await build({
    ...options,
    absWorkingDir: project,
    entryPoints: [entry],
    outbase: '.',
    outdir,
    outExtension: { '.js': outputFileExtension },
    logLevel: 'warning',
    write: false,
  });
  return new Map(
    outputFiles.map(({ path, contents }) => [relative(outdir, path).replaceAll('\\', '/'), contents]),
  );
}

/** Written aside and moved: who packs at the same time reads the one or the other. */
function writeWhole(file: string, content: Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true });
  const aside = `${file}.${process.pid}`;
  writeFileSync(aside, content);
  renameSync(aside, file);
}
