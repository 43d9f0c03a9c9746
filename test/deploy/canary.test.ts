import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLiveVersions } from '../../dev/deploy/live-versions.ts';
import { place } from '../support/iam/cloud-roles.ts';
import { type EmulatedCloud, startEmulatedCloud } from './emulated-cloud.ts';
import { leftOver, nothing } from './left-over.ts';
import { program } from './program.ts';
import { change, copyProject, writeStages } from './project-copy.ts';

const stage = 'trial';
const domain = 'api.kumulus.test';
const operatorToken = 'operator-of-the-trial-deployment';
const api = `kumulus-${stage}-api`;
const folder = mkdtempSync(join(tmpdir(), 'kumulus-trial-'));
const project = join(folder, 'project');

let cloud: EmulatedCloud;
let lambda: LambdaClient;

beforeAll(async () => {
  copyProject(project);
  writeStages(join(project, 'infra/stages.yml'), stage, {
    functions: {
      ...{ domain, certificateArn: `arn:aws:acm:${place.region}:${place.account}:certificate/trial` },
      ...{ canaryPercent: 50, canaryMinutes: 0.25 },
    },
  });
  cloud = await startEmulatedCloud(folder);
  lambda = new LambdaClient({
    ...{ endpoint: cloud.endpoint, region: place.region },
    credentials: { accessKeyId: 'operator', secretAccessKey: 'test' },
  });
});

afterAll(async () => {
  lambda?.destroy();
  await cloud?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const run = (command: string, ...args: string[]) => runUntil(undefined, command, ...args);

/** Interrupts it, as by Ctrl-C, when it says so. */
const runUntil = (interruptAt: string | undefined, command: string, ...args: string[]) => {
  const env = {
    ...cloud.operator,
    KUMULUS_OPERATOR_TOKEN_SHA256: createHash('sha256').update(operatorToken).digest('hex'),
  };
  return program(join(project, `dist/dev/${command}.js`), ['--stage', stage, ...args], env, interruptAt);
};

/** A call as the gateway hands it over, of the operator for the list of tenants. */
const call = {
  version: '2.0',
  routeKey: '$default',
  rawPath: '/tenants',
  rawQueryString: '',
  headers: { host: domain, authorization: `Bearer ${operatorToken}` },
  requestContext: { domainName: domain, http: { method: 'GET', path: '/tenants', sourceIp: '192.0.2.1' } },
  isBase64Encoded: false,
};

async function statusOf(version: string): Promise<number> {
  const request = { FunctionName: api, Qualifier: version, Payload: JSON.stringify(call) };
  const { Payload: answer = new Uint8Array() } = await lambda.send(new InvokeCommand(request));
  return Object(JSON.parse(Buffer.from(answer).toString())).statusCode ?? 500;
}

/** The status of a call that the gateway knows by its domain. */
function throughDomain(path: string): Promise<number> {
  const headers = { host: domain, authorization: `Bearer ${operatorToken}` };
  return new Promise((resolve, reject) => {
    const sent = request(`${cloud.endpoint}${path}`, { headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.end();
  });
}

/**
 * Plays the callers of the API while something is done, and Lambda, which leads them to versions by the weights of the alias: the
 * emulator leads all of them to the first. Gives the statuses that each version answered with.
 */
async function underLoad<T>(
  action: Promise<T>,
): Promise<{ result: T; answers: Record<string, Set<number>> }> {
  const versions = createLiveVersions({ lambda });
  const answers: Record<string, Set<number>> = {};
  const state = { isOver: false };
  const caller = async () => {
    for (let count = 0; !state.isOver; count += 1) {
      const live = await versions.current(api);
      // Few call before, so that what is deployed has the processor.
      if (live?.tried === undefined) await pause(250);
      if (live === undefined) continue;
      const version = live.tried !== undefined && count % 2 === 0 ? live.tried.version : live.version;
      answers[version] = (answers[version] ?? new Set()).add(await statusOf(version));
    }
  };
  const callers = [caller(), caller(), caller()];
  try {
    return { result: await action, answers };
  } finally {
    state.isOver = true;
    await Promise.all(callers);
  }
}

describe('a stage with a canary and a domain', () => {
  it('keeps what is live from a bad release, takes a good one, and goes back', async () => {
    const versions = createLiveVersions({ lambda });
    // Ctrl-C half way, and once more.
    expect(await runUntil(`kumulus-${stage}: is made`, 'deploy')).toMatchObject({
      code: 130,
      errors: expect.stringContaining('the same command once more waits for that and goes on'),
    });
    expect(await run('deploy')).toMatchObject({
      code: 0,
      output: expect.stringContaining(`API: https://${domain}`),
    });
    expect(await versions.current(api)).toEqual({ version: '1' });
    expect(await statusOf('live')).toBe(200);
    expect(await throughDomain('/tenants')).toBe(200);

    // One that looks for another table.
    change(project, 'functions/api.ts', 'process.env', "{ ...process.env, KUMULUS_TABLE: 'another' }");
    const bad = await underLoad(run('deploy'));
    expect(bad.result).toMatchObject({
      code: 1,
      output: expect.stringContaining('version 2 of the API gets 50 % of the calls'),
      errors: expect.stringMatching(
        /version 2 of the API fails \(\d+ errors, .*: all calls go to version 1 again/,
      ),
    });
    expect(await versions.current(api)).toEqual({ version: '1' });
    expect(bad.answers['1']).toEqual(new Set([200]));
    expect(bad.answers['2']).not.toContain(200);

    change(project, 'functions/api.ts', "KUMULUS_TABLE: 'another'", "KUMULUS_LOG_LEVEL: 'debug'");
    const good = await underLoad(run('deploy'));
    expect(good.result).toMatchObject({ code: 0 });
    expect(await versions.current(api)).toEqual({ version: '3' });
    expect(good.answers).toEqual({ 1: new Set([200]), 3: new Set([200]) });

    // One that nobody watches any more has no calls.
    change(project, 'functions/api.ts', "'debug'", "'warn'");
    expect(await runUntil('version 4 of the API gets 50 % of the calls', 'deploy')).toMatchObject({
      code: 130,
      output: expect.stringContaining('is not watched any more: all calls go to version 3 again'),
    });
    expect(await versions.current(api)).toEqual({ version: '3' });

    expect(await run('rollback')).toMatchObject({
      code: 0,
      output: expect.stringContaining(
        `${api}: from version 3 back to version 1\nkumulus-${stage}-admission: stays at`,
      ),
    });
    expect(await versions.current(api)).toEqual({ version: '1' });

    expect(await run('remove', '--delete-data', stage)).toMatchObject({ code: 0 });
    expect(await leftOver(cloud.endpoint)).toEqual(nothing);
  });
});
