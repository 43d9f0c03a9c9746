import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AccessRequest, evaluate, type Statement } from './policy.ts';
import { accessRequestsOf, type Place } from './requests.ts';

/** A role as IAM has it. */
export interface Role {
  readonly arn: string;
  /** Who may take it; nobody by STS where it is empty. */
  readonly trust: readonly Statement[];
  readonly policy: readonly Statement[];
}

/** What a gateway refused. */
export interface Refusal extends AccessRequest {
  /** The ARN of the role. */
  readonly role: string;
}

/** A gateway in front of a local AWS that enforces IAM's policies, which the local one does not, or not with their conditions. */
export interface IamGateway {
  readonly endpoint: string;
  readonly refused: readonly Refusal[];
  /** Calls of STS that took a role. */
  readonly taken: readonly { readonly role: string; readonly tags: Readonly<Record<string, string>> }[];
  close(): Promise<void>;
}

/** Who has which role. */
export interface Identities {
  /** The role that a process runs in, by the access key that it was given; undefined for who may do all. */
  process(accessKey: string): Promise<Role | undefined>;
  /** A role that can be taken, by its ARN; undefined where there is none. */
  role(arn: string): Promise<Role | undefined>;
}

export interface IamGatewayOptions extends Place {
  /** The endpoint of the local AWS, which may start later. */
  readonly target: string | Promise<string>;
  readonly identities: Identities;
}

/** Identities that are known from the beginning. */
export function knownIdentities(
  processes: Readonly<Record<string, Role>>,
  roles: readonly Role[],
): Identities {
  return {
    process: async (accessKey) => processes[accessKey],
    role: async (arn) => roles.find((one) => one.arn === arn),
  };
}

interface Principal {
  readonly role: Role;
  /** The tags of its session. */
  readonly tags: Readonly<Record<string, string>>;
}

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: Buffer;
}

/** Starts one on a free port. */
export async function startIamGateway(options: IamGatewayOptions): Promise<IamGateway> {
  /** Sessions of roles that were taken, by their access keys. */
  const sessions = new Map<string, Principal>();
  const refused: Refusal[] = [];
  const taken: { role: string; tags: Readonly<Record<string, string>> }[] = [];

  const isAllowed = ({ role, tags }: Principal, asked: AccessRequest): boolean => {
    const own = Object.entries(tags).map(([name, value]) => [`aws:PrincipalTag/${name}`, value]);
    const context = { ...asked.context, ...Object.fromEntries(own) };
    const decision = evaluate(role.policy, { ...asked, context });
    if (decision !== 'allowed') {
      refused.push({ ...asked, role: role.arn });
    }
    return decision === 'allowed';
  };

  async function principalOf(accessKey: string): Promise<Principal | undefined> {
    const session = sessions.get(accessKey);
    if (session !== undefined) {
      return session;
    }
    const role = await options.identities.process(accessKey);
    return role && { role, tags: {} };
  }

  async function takeRole(by: Principal | undefined, incoming: IncomingMessage, body: Buffer) {
    const form = new URLSearchParams(body.toString());
    const role = await options.identities.role(form.get('RoleArn') ?? '');
    const tags = tagsOf(form);
    const pairs = Object.entries(tags).map(([name, value]) => [`aws:RequestTag/${name}`, value]);
    const actions = Object.keys(tags).length > 0 ? ['sts:AssumeRole', 'sts:TagSession'] : ['sts:AssumeRole'];
    const context = {
      ...Object.fromEntries(pairs),
      ...(pairs.length > 0 && { 'aws:TagKeys': Object.keys(tags) }),
      'aws:PrincipalArn': by?.role.arn ?? `arn:aws:iam::${options.account}:root`,
    };
    const isGiven = actions.every(
      (action) =>
        role !== undefined &&
        evaluate(role.trust, { action, context }) === 'allowed' &&
        (by === undefined || isAllowed(by, { action, resource: role.arn, context })),
    );
    if (role === undefined || !isGiven) {
      return stsDenied();
    }
    const answer = await forward(await options.target, incoming, body);
    const [, accessKey] = /<AccessKeyId>([^<]+)</.exec(answer.body.toString()) ?? [];
    if (accessKey !== undefined) {
      sessions.set(accessKey, { role, tags });
      taken.push({ role: role.arn, tags });
    }
    return answer;
  }

  async function answerTo(incoming: IncomingMessage): Promise<Answer> {
    const body = await readAll(incoming);
    const [, key = '', service] =
      /Credential=([^/]+)\/\d+\/[^/]+\/([^/]+)\//.exec(incoming.headers.authorization ?? '') ?? [];
    const by = await principalOf(key);
    if (service === 'sts') {
      return takeRole(by, incoming, body);
    }
    const target = String(incoming.headers['x-amz-target'] ?? '');
    if (by !== undefined) {
      const asked = accessRequestsOf({ target, body: JSON.parse(body.toString()) }, options);
      if (!asked.every((one) => isAllowed(by, one))) {
        return jsonDenied();
      }
    }
    return forward(await options.target, incoming, body);
  }

  const server = createServer((incoming, outgoing) => {
    answerTo(incoming).then(
      (answer) => send(outgoing, answer),
      () => incoming.socket.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    refused,
    taken,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function tagsOf(form: URLSearchParams): Readonly<Record<string, string>> {
  const tags: Record<string, string> = {};
  for (let count = 1; form.has(`Tags.member.${count}.Key`); count += 1) {
    tags[form.get(`Tags.member.${count}.Key`) ?? ''] = form.get(`Tags.member.${count}.Value`) ?? '';
  }
  return tags;
}

/** As DynamoDB, KMS, SQS and EventBridge refuse. */
function jsonDenied(): Answer {
  const body = { __type: 'com.amazon.coral.service#AccessDeniedException', Message: 'refused by policy' };
  return {
    status: 400,
    headers: { 'content-type': 'application/x-amz-json-1.0' },
    body: Buffer.from(JSON.stringify(body)),
  };
}

/** As STS refuses. */
function stsDenied(): Answer {
  const body =
    '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>' +
    '<Code>AccessDenied</Code><Message>refused by policy</Message></Error></ErrorResponse>';
  return { status: 403, headers: { 'content-type': 'text/xml' }, body: Buffer.from(body) };
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks);
}

function send(outgoing: ServerResponse, { status, headers, body }: Answer): void {
  outgoing.writeHead(status, headers);
  outgoing.end(body);
}

function forward(target: string, incoming: IncomingMessage, body: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method, headers, url } = incoming;
    const sent = request(new URL(url ?? '/', target), { method, headers }, (response) => {
      readAll(response).then(
        (bytes) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: bytes }),
        reject,
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
