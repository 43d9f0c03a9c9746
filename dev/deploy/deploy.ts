import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LiveVersions } from './live-versions.ts';
import { rollOut } from './roll-out.ts';
import type { OslsRun } from './run-osls.ts';
import { outputsOf, type Stacks } from './stacks.ts';
import { type Stage, stackNames } from './stages.ts';

export interface DeployDeps {
  readonly stacks: Stacks;
  readonly versions: LiveVersions;
  readonly newestVersion: (functionName: string) => Promise<string>;
  /** The SHA-256 of the operator's token: a new one, or the one that a function has; undefined where there is none. */
  readonly operatorTokenHash: (functionName: string) => Promise<string | undefined>;
  readonly judge: (version: string) => Promise<string | undefined>;
  readonly osls: (run: OslsRun) => Promise<void>;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly say: (line: string) => void;
}

export interface DeployOrder {
  /** The project's folder. */
  readonly root: string;
  readonly name: string;
  readonly stage: Stage;
  readonly region: string;
  /** The relays' image; the one that runs where it is undefined. */
  readonly image: string | undefined;
  /** Times that Kuma's variables say, for functions and relays alike. */
  readonly environment: NodeJS.ProcessEnv;
}

/** The relay's parameters for what `serverless.yml` reads from the environment; where nothing is told the template's defaults are the same. */
function relayVariables(environment: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  const variables = {
    IdleTimeout: environment.KUMA_METRICS_DATAPLANE_IDLE_TIMEOUT,
    CleanupAge: environment.KUMA_RUNTIME_UNIVERSAL_DATAPLANE_CLEANUP_AGE,
    PreviousKmsKeys: environment.KUMULUS_PREVIOUS_KMS_KEYS,
    ZoneCleanupAge: environment.KUMA_RUNTIME_UNIVERSAL_ZONE_RESOURCE_CLEANUP_AGE,
  };
  return Object.fromEntries(
    Object.entries(variables).flatMap(([parameter, value]) => (value ? [[parameter, value]] : [])),
  );
}

/**
 * Puts up a stage, or brings it up to date: what lasts, the functions, the relays. Each step may be done again; one that fails
 * leaves what was before, and those after it are not begun.
 *
 * @throws KumulusError as `Stacks.put` and `rollOut` say.
 */
export async function deploy(deps: DeployDeps, order: DeployOrder): Promise<void> {
  const { stacks, say } = deps;
  const { root, name, stage, region, image, environment } = order;
  const names = stackNames(name);
  const tags = { 'kumulus:stage': name };
  const template = (file: string) => readFileSync(join(root, 'infra', file), 'utf8');

  const { data, relay, logRetentionDays } = stage;
  const lasting = await stacks.put({
    name: names.data,
    template: template('data.yml'),
    parameters: {
      Stage: name,
      DeletionProtection: String(data.deletionProtection),
      AlarmEmail: data.alarmEmail,
      MonthlyBudget: String(data.monthlyBudget),
      RestoredTable: data.restoredTable,
    },
    tags,
  });

  await deployFunctions(deps, order);
  const { HttpApiUrl: gateway } = outputsOf(await stacks.find(names.functions));

  const hasRelays = (await stacks.find(names.relay)) !== undefined;
  if (image === undefined && !hasRelays) {
    const repository = lasting.RelayRepositoryUri ?? '';
    say(
      [
        `${names.relay}: has no image yet, so there are no relays. Put a certificate into the secret kumulus/${name}/relay-certificate`,
        `  (docs/operations.md, "The relays' certificate"), make an image and deploy once more with it:`,
        `  docker build --platform linux/arm64 -f infra/Dockerfile -t ${repository}:1 . && docker push ${repository}:1`,
        `  npm run deploy -- --stage ${name} --image ${repository}:1`,
      ].join('\n'),
    );
  } else {
    const outputs = await stacks.put({
      name: names.relay,
      template: template('relay.yml'),
      parameters: {
        Stage: name,
        Image: image,
        Size: relay.size,
        MinRelays: String(relay.minRelays),
        MaxRelays: String(relay.maxRelays),
        Capacity: relay.capacity,
        DrainSeconds: String(relay.drainSeconds),
        BaseDomain: relay.domain,
        HostedZoneId: relay.hostedZoneId,
        DefaultTenant: relay.defaultTenant,
        ProxyCidr: relay.proxyCidr,
        ...relayVariables(environment),
        LogRetentionDays: String(logRetentionDays),
      },
      tags,
    });
    say(`proxies: https://${relay.domain || outputs.LoadBalancerDnsName}:5678`);
  }
  say(`API: ${stage.functions.domain === '' ? gateway : `https://${stage.functions.domain}`}`);
  say(`${name} is up in ${region}`);
}

/** Versions that are live stay so while the stack changes; then calls are led to the new ones as the stage says. */
async function deployFunctions(deps: DeployDeps, { root, name, stage, region }: DeployOrder): Promise<void> {
  const { stacks, versions, newestVersion, operatorTokenHash, osls, say } = deps;
  const { functions } = stackNames(name);
  await stacks.assertFree(functions);
  const [api, jobs] = [`kumulus-${name}-api`, `kumulus-${name}-jobs`];
  const live = { api: await versions.current(api), jobs: await versions.current(jobs) };
  const hash = await operatorTokenHash(api);
  if (hash === undefined) {
    say('there is no operator API: set KUMULUS_OPERATOR_TOKEN_SHA256 and deploy once more to have one');
  }
  say(`${functions}: is ${live.api === undefined ? 'made' : 'brought up to date'}`);
  await osls({
    root,
    args: ['deploy', '--stage', name, '--region', region],
    env: {
      KUMULUS_LIVE_API: live.api?.version ?? '',
      KUMULUS_LIVE_JOBS: live.jobs?.version ?? '',
      KUMULUS_OPERATOR_TOKEN_SHA256: hash ?? '',
    },
  });
  if (live.api === undefined) {
    return;
  }
  await rollOut(deps, {
    api: { functionName: api, version: await newestVersion(api) },
    others: [{ functionName: jobs, version: await newestVersion(jobs) }],
    canaryPercent: stage.functions.canaryPercent,
    canaryMinutes: stage.functions.canaryMinutes,
  });
}
