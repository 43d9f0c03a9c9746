import { parseArgs } from 'node:util';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { projectRoot } from '../../dp/project-root.ts';
import { KumulusError } from '../../src/model/errors.ts';
import { explain } from './explain.ts';
import { readStage, type Stage } from './stages.ts';

/** What every command on a stage knows. */
export interface StageCommand {
  /** The project's folder. */
  readonly root: string;
  readonly name: string;
  readonly stage: Stage;
  readonly region: string;
  readonly say: (line: string) => void;
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
      `the stage ${name} is in ${stage.region} (infra/stages.yml), and not in ${elsewhere}: see --region and AWS_REGION`,
    );
  }
  return region;
}

/** Runs a command on a stage; what goes wrong is explained on standard error, with exit code 2 for a wrong order and else 1. */
export async function runStageCommand(
  { usage, options }: StageCommandOptions,
  run: (command: StageCommand) => Promise<void>,
): Promise<void> {
  try {
    const { values } = readArguments(options, usage);
    const { stage: name, region: asked, ...others } = values;
    if (typeof name !== 'string') {
      throw new KumulusError('bad_request', `which stage? ${usage}`);
    }
    const root = projectRoot() ?? process.cwd();
    const stage = readStage(root, name);
    const region = await regionOf(typeof asked === 'string' ? asked : undefined, stage, name);
    await run({ root, name, stage, region, options: others, say: (line) => console.log(line) });
  } catch (error) {
    console.error(explain(error));
    const isOrder = ['bad_request', 'invalid'].includes(String(Object(error).code));
    process.exitCode = isOrder ? 2 : 1;
  }
}

function readArguments(options: StageCommandOptions['options'], usage: string) {
  try {
    return parseArgs({ options: { ...options, stage: { type: 'string' }, region: { type: 'string' } } });
  } catch (cause) {
    throw new KumulusError('bad_request', `${String(Object(cause).message)}\n${usage}`, { cause });
  }
}
