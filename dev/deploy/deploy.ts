import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deployFunctions, type FunctionsDeps } from './deploy-functions.ts';
import { certificateSecret, provideCertificate } from './relay-certificate.ts';
import type { SecretValues } from './secret-values.ts';
import { outputsOf, type Stacks } from './stacks.ts';
import { type Stage, stackNames } from './stages.ts';

export interface DeployDeps extends FunctionsDeps {
  readonly stacks: Stacks;
  readonly secrets: SecretValues;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Makes the relays' image and pushes it to the repository; gives it with its tag. */
  readonly buildImage: (repository: string) => Promise<string>;
}

export interface DeployOrder {
  /** The project's folder. */
  readonly root: string;
  readonly name: string;
  readonly stage: Stage;
  readonly region: string;
  /** The relays' image; the one that runs where it is undefined. */
  readonly image: string | undefined;
  /** Whether an image is made in its place. */
  readonly build: boolean;
  /** What `serverless.yml` reads. */
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * Puts up a stage, or brings it up to date: what lasts, the functions, the relays. Each step may be done again; one that fails
 * leaves what was before, and those after it are not begun.
 *
 * @throws KumulusError as `Stacks.put` and `rollOut` say.
 */
export async function deploy(deps: DeployDeps, order: DeployOrder): Promise<void> {
  const { stacks, say } = deps;
  const { root, name, stage, region } = order;
  const names = stackNames(name);
  const tags = { 'kumulus:stage': name };
  const template = (file: string) => readFileSync(join(root, 'infra', file), 'utf8');

  const { data, relay, liveness, logRetentionDays } = stage;
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

  // Before anything is changed that proxies see: a certificate is got by somebody, and that takes its time.
  const relays = await stacks.ready(names.relay);
  const hasRelays = relays !== undefined || order.build || order.image !== undefined;
  const certificate =
    hasRelays || relay.selfSigned
      ? await provideCertificate(deps, {
          ...{ name, region, relay },
          balancer: outputsOf(relays).LoadBalancerDnsName,
        })
      : { version: '', ownAuthority: undefined };
  const { RelayRepositoryUri: repository = '' } = lasting;
  const image = order.build ? await deps.buildImage(repository) : order.image;

  await stacks.ready(names.functions);
  await deployFunctions(deps, { ...order, relayAuthority: certificate.ownAuthority });

  if (hasRelays) {
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
        IdleTimeout: liveness.dataplaneIdleTimeout,
        CleanupAge: liveness.dataplaneCleanupAge,
        ZoneCleanupAge: liveness.zoneResourceCleanupAge,
        PreviousKmsKeys: data.previousKmsKeys,
        CertificateVersion: certificate.version,
        LogRetentionDays: String(logRetentionDays),
      },
      tags,
    });
    say(`proxies: https://${relay.domain || outputs.LoadBalancerDnsName}:5678`);
  } else {
    say(`${names.relay}: ${howToGetRelays(order, repository)}`);
  }
  const { HttpApiUrl: gateway } = outputsOf(await stacks.find(names.functions));
  say(`API: ${stage.functions.domain === '' ? gateway : `https://${stage.functions.domain}`}`);
  say(`${name} is up in ${region}${hasRelays ? '' : ', but for its relays'}`);
}

/** For the first time: the registry is there only now. */
function howToGetRelays({ name, region, stage: { relay } }: DeployOrder, repository: string): string {
  const certificate = [
    `Put a certificate into the secret ${certificateSecret(name)} (docs/operations.md, "The relays' certificate").`,
  ];
  return [
    'has no image yet, so there are no relays. Where Docker and the AWS CLI are, deploy once more with --build:',
    ...(relay.selfSigned ? [] : certificate),
    `npm run deploy -- --stage ${name} --build`,
    'or make one elsewhere and deploy once more with it:',
    `aws ecr get-login-password --region ${region} | docker login --username AWS --password-stdin ${repository.split('/')[0]}`,
    `docker build --platform linux/arm64 -f infra/Dockerfile -t ${repository}:1 . && docker push ${repository}:1`,
    `npm run deploy -- --stage ${name} --image ${repository}:1`,
  ].join('\n  ');
}
