import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { freePort } from '../../dev/tools/free-port.ts';
import { makeServerCertificate } from '../support/bootstrap-server.ts';
import { dpFixture, startDp, token } from './dp-fixture.ts';

type Fixture = Awaited<ReturnType<typeof dpFixture>>;

interface Case {
  readonly name: string;
  readonly args: (fixture: Fixture) => string[] | Promise<string[]>;
  readonly env?: Readonly<Record<string, string>>;
  /** What the control plane says, where it is asked at all. */
  readonly answer?: { readonly status: number; readonly body: string };
  readonly error: RegExp;
}

const cases: readonly Case[] = [
  {
    name: 'a token that the control plane refuses, with its words and without the token',
    answer: { status: 422, body: `token ${token}\ndoes not match` },
    args: (fixture) => fixture.args(),
    error: /^the control plane refused: token \[redacted\] does not match$/,
  },
  {
    name: 'a file that holds no token',
    args: (fixture) => fixture.args({ token: ['--dataplane-token-file', fixture.file('bad', 'secret')] }),
    error: /^\S+\/bad holds no token: a dataplane token is a JWT$/,
  },
  {
    name: 'a control plane of another CA',
    async args(fixture) {
      const { ca } = await makeServerCertificate();
      return fixture.args({ ca: ['--ca-cert-file', fixture.file('other.pem', ca)] });
    },
    error: /^the certificate of localhost:\d+ is not trusted \(.+\): give its CA with --ca-cert-file$/,
  },
  {
    name: 'a control plane without its CA',
    args: (fixture) => fixture.args({ ca: [] }),
    error: /^the certificate of localhost:\d+ is not trusted \(.+\): give its CA with --ca-cert-file$/,
  },
  {
    name: 'a certificate for another host',
    args: (fixture) =>
      fixture.args({ address: ['--cp-address', fixture.server.url.replace('localhost', '127.0.0.1')] }),
    error: /^the certificate of 127\.0\.0\.1:\d+ is for another host: /,
  },
  {
    name: 'a CA file without a certificate',
    args: (fixture) => fixture.args({ ca: ['--ca-cert-file', fixture.file('empty.pem', 'nothing')] }),
    error: /^\S+\/empty\.pem holds no certificate as PEM$/,
  },
  {
    name: 'a control plane that cannot be reached',
    args: async (fixture) =>
      fixture.args({ address: ['--cp-address', `https://localhost:${await freePort()}`] }),
    env: { KUMA_CONTROL_PLANE_RETRY_BACKOFF: '1ms', KUMA_CONTROL_PLANE_RETRY_MAX_DURATION: '20ms' },
    error: /^no bootstrap from https:\/\/localhost:\d+\/bootstrap after \d+ tr(y|ies): .*ECONNREFUSED/,
  },
  {
    name: 'http to a port with TLS',
    args: (fixture) =>
      fixture.args({ address: ['--cp-address', fixture.server.url.replace('https', 'http')] }),
    env: { KUMA_CONTROL_PLANE_RETRY_BACKOFF: '1ms', KUMA_CONTROL_PLANE_RETRY_MAX_DURATION: '1ms' },
    error: /^no bootstrap from http:\/\/localhost:\d+\/bootstrap after \d+ tr(y|ies): /,
  },
  {
    name: "the API's address instead of the data plane server's",
    answer: { status: 404, body: '404: Page Not Found' },
    args: (fixture) => fixture.args(),
    error: /^there is no \/bootstrap at this address: --cp-address must name the data plane server/,
  },
  {
    name: 'an answer that is no bootstrap',
    answer: { status: 200, body: '{}' },
    args: (fixture) => fixture.args(),
    error: /^the answer of the control plane is no bootstrap$/,
  },
  {
    name: 'a variable that the template misses',
    args: (fixture) => fixture.args({ variables: ['-v', 'name=web-1'] }),
    error:
      /^\S+\/dataplane\.yaml: the template needs \{\{ service\.name \}\}: give --dataplane-var service\.name=…$/,
  },
  {
    name: 'a file that is not there',
    args: (fixture) => fixture.args({ dataplane: ['-d', join(fixture.folder, 'none.yaml')] }),
    error: /^cannot read \S+\/none\.yaml \(--dataplane-file\): no such file$/,
  },
  {
    name: 'a token file that is not there',
    args: (fixture) => fixture.args({ token: ['--dataplane-token-file', join(fixture.folder, 'none')] }),
    error: /^cannot read \S+\/none \(--dataplane-token-file\): no such file$/,
  },
  {
    name: 'invalid YAML',
    args: (fixture) => fixture.args({ dataplane: ['-d', fixture.file('bad.yaml', 'a: [1\nb: 2')] }),
    error: /^\S+\/bad\.yaml: invalid YAML: .+ at line \d+, column \d+$/,
  },
  {
    name: 'a resource of another type',
    args: (fixture) => fixture.args({ dataplane: ['--dataplane', '{"type": "Mesh", "name": "x"}'] }),
    error: /^--dataplane: type must be Dataplane, got "Mesh"$/,
  },
  {
    name: 'a missing Envoy',
    args: (fixture) => [...fixture.args(), '--binary-path', join(fixture.folder, 'envoy')],
    error: /^no Envoy at \S+\/envoy \(from --binary-path\)$/,
  },
  {
    name: 'a program that is not Envoy',
    args: (fixture) => [...fixture.args(), '--binary-path', process.execPath],
    error: /^\S+ is not Envoy: --version printed no build$/,
  },
  {
    name: 'settings that make no sense, all of them at once',
    args: () => ['--drain-time', '0s', '--proxy-type', 'router', '--cp-address', 'ftp://x', '--dns-enabled'],
    error:
      /^--proxy-type must be one of dataplane, ingress, egress, got "router"; --drain-time must be a positive duration such as 30s, got "0s"; --dataplane-file or --name must be given; --cp-address must be a URL .*; --dns-enabled is not available/,
  },
  {
    name: 'a name beside a Dataplane',
    args: (fixture) => [...fixture.args(), '--name', 'web-1'],
    error: /^--name and --mesh cannot be given beside a Dataplane/,
  },
];

describe('what a user can put right', () => {
  it.each(cases)('$name: one line, exit code 1', async ({ answer, args, env, error }) => {
    const fixture = await dpFixture(answer === undefined ? [] : [answer]);
    const dp = startDp(await args(fixture), env);
    expect(await dp.ended).toEqual({ code: 1, signal: null });
    expect(dp.stderr().split('\n')).toEqual([expect.stringMatching(/^Error: /), '']);
    expect(dp.stderr().trim().replace('Error: ', '')).toMatch(error);
  });
});
