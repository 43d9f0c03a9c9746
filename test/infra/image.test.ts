import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ministack, startMinistack } from '../../dev/ministack.ts';
import { makeTableAndKey } from '../../dev/tools/table-and-key.ts';
import { makeServerCertificate } from '../support/bootstrap-server.ts';
import { startChild } from '../support/child.ts';
import { resourceIn } from './resources.ts';
import { readTemplate } from './template.ts';

const aws = { AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
const lines = readFileSync('infra/Dockerfile', 'utf8').replaceAll('\\\n', '').split('\n');
const instructions = (name: string) =>
  lines
    .filter((line) => line.trim().startsWith(`${name} `))
    .map((line) => line.trim().slice(name.length + 1));
const [entry = ''] = instructions('ENTRYPOINT');
const entryPoint: readonly string[] = JSON.parse(entry);

describe('the Dockerfile', () => {
  const bases = instructions('FROM');

  it('copies what is there', () => {
    const copied = instructions('COPY').filter((line) => !line.startsWith('--from'));
    const sources = copied.flatMap((line) => line.split(' ').slice(0, -1));
    expect(sources.length).toBeGreaterThan(4);
    expect(sources.filter((source) => !existsSync(source))).toEqual([]);
    const let_ = readFileSync('infra/Dockerfile.dockerignore', 'utf8').split('\n');
    expect(sources.filter((source) => !let_.includes(`!${source}`))).toEqual([]);
  });

  it('ends in an image without a shell, whose user is nobody', () => {
    expect(bases.at(-1)).toBe('gcr.io/distroless/nodejs22-debian12:nonroot');
    expect(instructions('USER')).toEqual(['65532:65532']);
  });

  it('has the Node that the bundle is made for, at a version', () => {
    expect(bases.every((base) => /node(js)?:?22/.test(base))).toBe(true);
    expect(readFileSync('scripts/build-relay.mjs', 'utf8')).toContain("target: 'node22'");
  });

  it('gives Node what `npm start` gives it', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(entryPoint.filter((part) => part.startsWith('--'))).toEqual(
      String(scripts.start)
        .split(' ')
        .filter((part) => part.startsWith('--')),
    );
  });

  it('checks health as the task definition does', () => {
    const [check = ''] = lines.flatMap((line) => /HEALTHCHECK .*CMD (\[.*)$/.exec(line)?.[1] ?? []);
    const [container] = Object(
      resourceIn(readTemplate('relay.yml'), 'TaskDefinition').Properties,
    ).ContainerDefinitions;
    expect(container.HealthCheck.Command).toEqual(['CMD', ...JSON.parse(check)]);
  });
});

describe('what is in the image', () => {
  let folder: string;
  let ministack: Ministack;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kumulus-image-'));
    execFileSync(process.execPath, ['scripts/build-relay.mjs', folder]);
    ministack = await startMinistack();
  });
  afterAll(async () => {
    await ministack.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('needs nothing beside Node: it serves, says that it is well, and drains', async () => {
    const { endpoint } = ministack;
    Object.assign(process.env, aws);
    const { table, kmsKey } = await makeTableAndKey(endpoint);
    const { certificate, key: privateKey, ca } = await makeServerCertificate();
    const program = (name: string) => join(folder, name.replace('/kumulus/', ''));
    const relay = startChild(
      process.execPath,
      [...entryPoint.slice(1, -1), program(entryPoint.at(-1) ?? '')],
      {
        env: {
          ...aws,
          AWS_ENDPOINT_URL: endpoint,
          KUMULUS_TABLE: table,
          KUMULUS_KMS_KEY: kmsKey,
          KUMULUS_CLOUDWATCH_STAGE: 'test',
          KUMULUS_DP_SERVER_TLS_CERT: certificate,
          KUMULUS_DP_SERVER_TLS_KEY: privateKey,
          KUMULUS_DP_SERVER_CA: ca,
          KUMULUS_DRAIN_TIME: '1',
          KUMA_DP_SERVER_PORT: '0',
          KUMA_DIAGNOSTICS_SERVER_PORT: '0',
        },
      },
    );
    await relay.says(/"the relay listens"/);
    const [, port = ''] = await relay.says(/"metrics and health are answered".*"port":(\d+)/);
    const check = () =>
      startChild(process.execPath, [program('/kumulus/health-check.mjs')], {
        env: { KUMA_DIAGNOSTICS_SERVER_PORT: port },
      }).ended;
    expect(await check()).toEqual({ code: 0, signal: null });
    relay.kill('SIGTERM');
    expect(await relay.ended).toEqual({ code: 0, signal: null });
    expect(await check()).toEqual({ code: 1, signal: null });
    expect(relay.stdout() + relay.stderr()).not.toContain('PRIVATE KEY');
  });

  it('has no code of an engine or a server that it does not run', () => {
    const texts = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.mjs'))
      .map((file) => readFileSync(join(folder, file), 'utf8'))
      .join('\n');
    for (const path of [
      'node_modules/lmdb/',
      'src/http/app.ts',
      'node_modules/hono/',
      'src/store/embedded/',
    ]) {
      expect(texts.includes(path), path).toBe(false);
    }
    expect(texts).toContain('// xds-relay/main.ts');
    expect(texts).toContain('node_modules/@grpc/grpc-js/');
  });
});
