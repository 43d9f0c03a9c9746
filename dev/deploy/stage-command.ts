import { setTimeout as sleepFor } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { projectRoot } from '../../dp/project-root.ts';
import { KumulusError } from '../../src/model/errors.ts';
import { explain } from './explain.ts';
import { readStage, type Stage, stagesFile } from './stages.ts';

/** What every command on a stage knows. */
export interface StageCommand {
  /** The project's folder. */
  readonly root: string;
  readonly name: string;
  readonly stage: Stage;
  readonly region: string;
  readonly say: (line: string) => void;
  /** Rejects where the command is interrupted meanwhile. */
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Aborted where the command is to end, by Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  /** Options beyond `--stage` and `--region`. */
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
}

export interface StageCommandOptions {
  readonly usage: string;
  readonly options: Readonly<Record<string, { readonly type: 'string' | 'boolean' }>>;
}

/** A region for the clients: what was asked for, what the stage says, what the environment or the profile says. */
async function regionOf(asked: string | undefined, stage: Stage, name: string): Promise<string> {
  const region =
    asked ?? (stage.region === '' ? await new CloudFormationClient({}).config.region() : stage.region);
  const elsewhere = asked ?? process.env.AWS_REGION ?? region;
  if (stage.region !== '' && elsewhere !== stage.region) {
    throw new KumulusError(
      'invalid',
      `the stage ${name} is in ${stage.region} (${stagesFile(process.env)}), and not in ${elsewhere}: see --region and AWS_REGION`,
    );
  }
  return region;
}

/** Which account it is: the most expensive mistake is to be in another one. Fails at once where there are no credentials. */
async function tellAccount(name: string, region: string): Promise<void> {
  const { Account, Arn } = await new STSClient({ region }).send(new GetCallerIdentityCommand({}));
  console.error(`${name}: account ${Account} in ${region}, as ${Arn}`);
}

/** Aborts at the first signal; the second one ends the process as ever. */
function untilInterrupted(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      if (controller.signal.aborted) return;
      console.error('interrupted: ends as soon as it can, and at once where it is interrupted again');
      controller.abort();
    });
  }
  return controller.signal;
}

/**
 * Runs a command on a stage; what goes wrong is explained on standard error, with exit code 2 for a wrong order, 130 where it was
 * interrupted, and else 1.
 */
export async function runStageCommand(
  { usage, options }: StageCommandOptions,
  run: (command: StageCommand) => Promise<void>,
): Promise<void> {
  const signal = untilInterrupted();
  try {
    const { values } = readArguments(options, usage);
    const { stage: name, region: asked, ...others } = values;
    if (typeof name !== 'string') {
      throw new KumulusError('bad_request', `which stage? ${usage}`);
    }
    const root = projectRoot() ?? process.cwd();
    const stage = readStage(root, name, stagesFile(process.env));
    const region = await regionOf(typeof asked === 'string' ? asked : undefined, stage, name);
    await tellAccount(name, region);
    await run({
      ...{ root, name, stage, region, options: others, signal },
      say: (line) => console.log(line),
      sleep: (milliseconds) => sleepFor(milliseconds, undefined, { signal }),
    });
  } catch (error) {
    console.error(signal.aborted ? interruption(error) : explain(error));
    const isOrder = ['bad_request', 'invalid'].includes(String(Object(error).code));
    process.exitCode = signal.aborted ? 130 : isOrder ? 2 : 1;
  }
}

/** What CloudFormation was told it does, whether somebody looks or not. */
function interruption(error: unknown): string {
  const more = Object(error).name === 'AbortError' ? [] : [explain(error)];
  return [
    ...more,
    'interrupted: what AWS has begun goes on by itself; the same command once more waits for that and goes on',
  ].join('\n');
}

function readArguments(options: StageCommandOptions['options'], usage: string) {
  try {
    return parseArgs({ options: { ...options, stage: { type: 'string' }, region: { type: 'string' } } });
  } catch (cause) {
    throw new KumulusError('bad_request', `${String(Object(cause).message)}\n${usage}`, { cause });
  }
}
