import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Ministack, startMinistack } from '../../dev/ministack.ts';
import { place } from '../support/iam/cloud-roles.ts';
import { type IamGateway, startIamGateway } from '../support/iam/gateway.ts';
import { deployedIdentities } from './deployed-identities.ts';

/** A local AWS in which functions and relays may do what their deployed roles let them do, and nothing else. */
export interface EmulatedCloud {
  /** Of the local AWS itself, where an operator may do all. */
  readonly endpoint: string;
  /** What functions and relays reach it by. */
  readonly iam: IamGateway;
  /** What operators have in their environment. */
  readonly operator: NodeJS.ProcessEnv;
  stop(): Promise<void>;
}

/** @param folder one that it may write into */
export async function startEmulatedCloud(folder: string): Promise<EmulatedCloud> {
  const started: { resolve?: (endpoint: string) => void } = {};
  const target = new Promise<string>((resolve) => {
    started.resolve = resolve;
  });
  const iam = await startIamGateway({ ...place, target, identities: deployedIdentities(target) });
  const ministack: Ministack = await startMinistack({
    // Functions have it of the emulator.
    AWS_ENDPOINT_URL: iam.endpoint,
    PATH: `${nodeWithItsName(folder)}:${process.env.PATH}`,
  });
  started.resolve?.(ministack.endpoint);
  return {
    endpoint: ministack.endpoint,
    iam,
    operator: {
      ...process.env,
      AWS_ENDPOINT_URL: ministack.endpoint,
      AWS_REGION: place.region,
      AWS_ACCESS_KEY_ID: 'operator',
      AWS_SECRET_ACCESS_KEY: 'test',
      // How often osls looks at a stack, in milliseconds.
      SLS_AWS_MONITORING_FREQUENCY: '500',
    },
    async stop() {
      await ministack.stop();
      await iam.close();
    },
  };
}

/**
 * Lambda gives each function credentials of its role; the emulator gives all of them the same. So they run in a `node` that gives them
 * their own names for access keys.
 */
function nodeWithItsName(folder: string): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  const program = join(bin, 'node');
  writeFileSync(
    program,
    `#!/bin/sh\nAWS_ACCESS_KEY_ID=$AWS_LAMBDA_FUNCTION_NAME AWS_SESSION_TOKEN= exec "${process.execPath}" "$@"\n`,
  );
  chmodSync(program, 0o755);
  return bin;
}
