import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { operatorTokenHash } from '../../src/auth/operator.ts';
import { KumulusError } from '../../src/model/errors.ts';
import { alone } from './checkout-lock.ts';
import type { LiveVersions } from './live-versions.ts';
import { rollOut } from './roll-out.ts';
import type { Osls } from './run-osls.ts';
import { functionNames, type Stage, stackNames } from './stages.ts';

export interface FunctionsDeps {
  readonly versions: LiveVersions;
  readonly newestVersion: (functionName: string) => Promise<string>;
  /** The environment of a function; empty where there is none. */
  readonly variablesOf: (functionName: string) => Promise<Readonly<Record<string, string>>>;
  readonly judge: (version: string) => Promise<string | undefined>;
  readonly osls: Osls;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly say: (line: string) => void;
}

export interface FunctionsOrder {
  /** The project's folder. */
  readonly root: string;
  /** The stage's name. */
  readonly name: string;
  readonly stage: Pick<Stage, 'functions'>;
  readonly region: string;
  readonly environment: NodeJS.ProcessEnv;
  /** The authority of the relays' certificate, in PEM, where it is the stage's own; sidecars are told of it. */
  readonly relayAuthority: string | undefined;
}

const operatorToken = 'KUMULUS_OPERATOR_TOKEN_SHA256';

const relayAuthorityVariable = 'KUMULUS_INJECTOR_CA_CERT';

/** What the environment says of the webhook, and stays where it is not told. */
const webhookVariables = [
  relayAuthorityVariable,
  'KUMULUS_INJECTOR_CONTAINER_PATCHES',
  'KUMA_EXPERIMENTAL_SIDECAR_CONTAINERS',
  'KUMA_RUNTIME_KUBERNETES_INJECTOR_CNI_ENABLED',
  'KUMA_RUNTIME_KUBERNETES_INJECTOR_SIDECAR_CONTAINER_IMAGE',
  'KUMA_INJECTOR_INIT_CONTAINER_IMAGE',
];

/**
 * Puts up the functions or brings them up to date. Versions that are live stay so while the stack changes; then calls are led to the
 * new ones as the stage says.
 *
 * @throws KumulusError `conflict` where a version is being tried already, else as `rollOut` says.
 */
export async function deployFunctions(deps: FunctionsDeps, order: FunctionsOrder): Promise<void> {
  const { versions, newestVersion, say } = deps;
  const { name, stage } = order;
  const names = functionNames(name);
  const live = await versions.current(names.api);
  if (live?.tried !== undefined) {
    throw new KumulusError(
      'conflict',
      `version ${live.tried.version} of the API is being tried, by another run or by one that died: wait for its end, or take it back by \`npm run rollback -- --stage ${name}\``,
    );
  }
  say(`${stackNames(name).functions}: is ${live === undefined ? 'made' : 'brought up to date'}`);
  await deployStack(deps, order, {
    ...(await keptVariables(deps, order)),
    KUMULUS_LIVE_API: live?.version ?? '',
    KUMULUS_LIVE_ADMISSION: (await versions.current(names.admission))?.version ?? '',
    KUMULUS_LIVE_JOBS: (await versions.current(names.jobs))?.version ?? '',
  });
  if (live === undefined) {
    return;
  }
  const newest = async (functionName: string) => ({
    functionName,
    version: await newestVersion(functionName),
  });
  await rollOut(deps, {
    api: await newest(names.api),
    others: [await newest(names.admission), await newest(names.jobs)],
    canaryPercent: stage.functions.canaryPercent,
    canaryMinutes: stage.functions.canaryMinutes,
  });
}

/**
 * Packs into a folder of its own, so that runs in one checkout do not deploy what another one has packaged. While it packs, osls has
 * it all in `.serverless`.
 */
async function deployStack(
  deps: FunctionsDeps,
  { root, name, region }: FunctionsOrder,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const folder = `.cache/package/${name}-${process.pid}`;
  const options = ['--stage', name, '--region', region, '--package', folder];
  try {
    await alone(deps, join(root, '.cache/package.lock'), () =>
      deps.osls({ root, args: ['package', ...options], env }),
    );
    await deps.osls({ root, args: ['deploy', ...options], env });
  } finally {
    rmSync(join(root, folder), { recursive: true, force: true });
  }
}

/** What is not told stays as it was deployed. */
async function keptVariables(
  { variablesOf, say }: FunctionsDeps,
  { name, environment, relayAuthority }: FunctionsOrder,
): Promise<Readonly<Record<string, string>>> {
  const { api, admission } = functionNames(name);
  const hash = operatorTokenHash(environment) ?? (await variablesOf(api))[operatorToken];
  if (!hash) {
    say(`there is no operator API: set ${operatorToken} and deploy once more to have one`);
  }
  const webhook: Readonly<Record<string, string>> = {
    ...(await variablesOf(admission)),
    ...(relayAuthority !== undefined && { [relayAuthorityVariable]: relayAuthority }),
  };
  const kept = webhookVariables.map((variable) => [
    variable,
    environment[variable] || (webhook[variable] ?? ''),
  ]);
  return { ...Object.fromEntries(kept), [operatorToken]: hash ?? '' };
}
