import { text } from 'node:stream/consumers';
import { Command, Option } from 'commander';
import { loadSettings } from '../dp/load-settings.ts';
import { createLineLog } from '../dp/log.ts';
import { createRunner } from '../dp/run.ts';
import type { SettingName } from '../dp/setting.ts';
import { readSettings } from '../dp/settings.ts';
import { createStopSignals } from '../dp/stop-signals.ts';
import { readVariables } from '../dp/template-variables.ts';

const examples = `
Examples:
  A proxy with its Dataplane in a file, in which {{ name }} and {{ port }} are replaced:
    $ kumulus dp run --cp-address https://localhost:5678 --ca-cert-file ca.pem \\
        --dataplane-file dataplane.yaml --dataplane-var name=web-1,port=8080 \\
        --dataplane-token-file token

  A proxy whose Dataplane is in the control plane already:
    $ kumulus dp run --name web-1 --mesh default --dataplane-token-file token
`;

/** `kumulus dp`: what kuma-dp is to Kuma. */
export function dpCommand(setExitCode: (code: number) => void): Command {
  const dp = new Command('dp').description('run data plane proxies');
  const run = dp
    .command('run')
    .description('start Envoy next to a workload, with what the control plane says');
  const names = settingNames();
  for (const { flag, help, env } of names) {
    if (flag !== undefined) run.addOption(new Option(flag, env === undefined ? help : `${help} [${env}]`));
  }
  run.addOption(
    new Option('-v, --dataplane-var <key=value>', "a variable of the Dataplane's template; may be repeated")
      .argParser((value: string, previous: readonly string[]) => [...previous, value])
      .default([], 'none'),
  );
  run.addHelpText('after', `\nSettings without a flag:\n${variableHelp(names)}\n${examples}`);
  run.action(async (options: Readonly<Record<string, unknown>>) => {
    setExitCode(await runProxy(options));
  });
  return dp;
}

async function runProxy(options: Readonly<Record<string, unknown>>): Promise<number> {
  const settings = loadSettings({
    flag: (flag) => given(options[new Option(flag).attributeName()]),
    env: process.env,
  });
  const { dataplaneVar } = options;
  const variables = readVariables(Array.isArray(dataplaneVar) ? dataplaneVar.map(String) : []);
  const runner = createRunner({
    env: process.env,
    stdin: () => text(process.stdin),
    stdout: (lines) => process.stdout.write(lines),
    stderr: (lines) => process.stderr.write(lines),
    log: createLineLog(settings.logLevel, (line) => process.stdout.write(line), Date.now),
    clock: Date.now,
    random: Math.random,
    signals: createStopSignals(process),
  });
  return runner.run(settings, variables);
}

/** A flag that may go without its value is `true` then. */
function given(value: unknown): string | undefined {
  return value === undefined ? undefined : String(value);
}

function settingNames(): readonly SettingName[] {
  const names: SettingName[] = [];
  readSettings({
    text(name) {
      names.push(name);
      return undefined;
    },
    problem() {},
  });
  return names;
}

function variableHelp(names: readonly SettingName[]): string {
  return names
    .filter((name) => name.flag === undefined)
    .map((name) => `  ${name.env}\n      ${name.help}`)
    .join('\n');
}
