import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as z from 'zod';
import { installOsls, oslsCommand } from '../../dev/tools/osls.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));

const resourceSchema = z.object({
  Type: z.string().startsWith('AWS::'),
  Condition: z.string().optional(),
  DeletionPolicy: z.string().optional(),
  Properties: z.record(z.string(), z.unknown()).default({}),
});
const templateSchema = z.object({
  Resources: z.record(z.string(), resourceSchema),
  Outputs: z.record(z.string(), z.unknown()),
});

/** A template as the framework makes it of `serverless.yml`: what is deployed, with all that the framework adds. */
export type PackagedTemplate = z.infer<typeof templateSchema>;

/** Packages a stage as a deployment does, without an account or a network. */
export async function packageStage(
  stage: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<PackagedTemplate> {
  const folder = mkdtempSync(join(tmpdir(), 'kumulus-package-'));
  try {
    installOsls(project);
    const { program, args, env } = oslsCommand(project, ['package', '--stage', stage, '--package', folder]);
    await promisify(execFile)(program, args, {
      cwd: project,
      env: { ...process.env, ...env, AWS_REGION: 'eu-central-1', ...environment },
    });
    const file = join(folder, 'cloudformation-template-update-stack.json');
    return templateSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
