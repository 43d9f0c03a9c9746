import { createAuthority, loadAuthority } from '../../src/certificates/authority.ts';
import { issueServer } from '../../src/certificates/issue.ts';
import { isKumulusError, KumulusError } from '../../src/model/errors.ts';
import { checkCertificate } from './certificate-check.ts';
import type { SecretValues } from './secret-values.ts';
import type { Stage } from './stages.ts';

export interface CertificateDeps {
  readonly secrets: SecretValues;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly say: (line: string) => void;
}

/** Whose certificate it is. */
export interface CertificateOrder {
  /** The stage's name. */
  readonly name: string;
  readonly region: string;
  readonly relay: Pick<Stage['relay'], 'domain' | 'selfSigned'>;
  /** The load balancer's name, where it is there already. */
  readonly balancer: string | undefined;
}

/** A certificate that relays can show. */
export interface ProvidedCertificate {
  /** The version of the secret's value, which tells one certificate from another; empty where there is none. */
  readonly version: string;
  /** The authority in PEM, where it is the stage's own: nobody trusts it who is not told. */
  readonly ownAuthority: string | undefined;
}

const day = 24 * 3_600_000;
/** How long a self-signed certificate is valid. */
const lifetime = 365 * day;
/** A self-signed one that is valid for less is made anew; of others it is told, as the alarm does that watches them. */
const renewal = 30 * day;
const warning = 14 * day;

/** The secret that relays have their certificate of. */
export const certificateSecret = (stage: string) => `kumulus/${stage}/relay-certificate`;

/**
 * Sees to it that the relays of a stage have a certificate that is valid and for the names by which proxies dial them; makes one
 * where the stage says that it is self-signed.
 *
 * @throws KumulusError `invalid` with what is wrong and what to do.
 */
export async function provideCertificate(
  deps: CertificateDeps,
  order: CertificateOrder,
): Promise<ProvidedCertificate> {
  const { secrets, clock, say } = deps;
  const { name, relay } = order;
  const secret = certificateSecret(name);
  const dialled = namesDialled(order);
  const found = await secrets.current(secret);
  if (found === undefined) {
    if (relay.selfSigned) return makeOne(deps, order, 'it had none');
    throw new KumulusError('invalid', `${secret} has no value yet: ${howTo(order)}`);
  }
  const { validUntil, names, uncovered, authority, ca } = explained(secret, order, () =>
    checkCertificate(found.text, dialled),
  );
  const left = validUntil - clock();
  const isOurs = authority === `CN=${authorityName(name)}`;
  if (relay.selfSigned && isOurs && (left < renewal || uncovered.length > 0)) {
    return makeOne(deps, order, left < renewal ? 'the one before runs out' : 'it is dialled by other names');
  }
  if (left <= 0) {
    throw new KumulusError(
      'invalid',
      `${secret}: the certificate was valid until ${date(validUntil)}: ${howTo(order)}`,
    );
  }
  if (left < warning) {
    say(`${secret}: the certificate is valid until ${date(validUntil)} only: ${howTo(order)}`);
  }
  if (uncovered.length > 0) {
    const what = `${secret}: the certificate is for ${names}, and not for ${uncovered.join(', ')}`;
    // Without a domain there may be names that nobody here knows of.
    if (relay.domain !== '') throw new KumulusError('invalid', `${what}: ${howTo(order)}`);
    say(`${what}, the load balancer's name: proxies have to dial a name of yours that leads there`);
  }
  return { version: found.version, ownAuthority: isOurs ? ca : undefined };
}

/** What proxies dial; the load balancer's name has a number in it that nobody knows before. */
function namesDialled({ name, region, relay, balancer }: CertificateOrder): readonly string[] {
  if (relay.domain !== '') return [relay.domain, `tenant.${relay.domain}`];
  return [balancer ?? `kumulus-${name}-0123456789abcdef.${balancersOf(region)}`];
}

const balancersOf = (region: string) => `elb.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;

const authorityName = (stage: string) => `Kumulus ${stage}: self-signed`;

async function makeOne({ secrets, clock, say }: CertificateDeps, order: CertificateOrder, why: string) {
  const { name, region, relay, balancer } = order;
  const now = clock();
  const pair = await createAuthority({
    ...{ kind: 'ec', lifetime, now },
    subject: { commonName: authorityName(name) },
  });
  const own = balancer === undefined ? [] : [balancer];
  const hosts =
    relay.domain === '' ? [`*.${balancersOf(region)}`, ...own] : [relay.domain, `*.${relay.domain}`];
  const leaf = issueServer({
    ca: loadAuthority(pair.certificate, pair.key),
    // `localhost` for a port that was forwarded.
    hosts: [...hosts, 'localhost'],
    ...{ lifetime, now },
  });
  const secret = certificateSecret(name);
  const version = await secrets.put(
    secret,
    JSON.stringify({ certificate: leaf.certificateChain, key: leaf.key.reveal(), ca: pair.certificate }),
  );
  say(`${secret}: ${why}, so a self-signed certificate was made for ${hosts.join(' and ')}`);
  say('  proxies take it by its authority (--ca-cert-file):');
  say(
    `  aws secretsmanager get-secret-value --region ${region} --secret-id ${secret} --query SecretString --output text | jq -r .ca > ca.pem`,
  );
  return { version, ownAuthority: pair.certificate };
}

/** What to do for a certificate, to the letter. */
function howTo({ region, name, relay }: CertificateOrder): string {
  const names = relay.domain === '' ? 'the name that proxies dial' : `${relay.domain} and *.${relay.domain}`;
  return [
    `get one for ${names}, of any authority, and put it in; then deploy again:`,
    "  jq -n --rawfile certificate chain.pem --rawfile key key.pem --rawfile ca ca.pem '{$certificate, $key, $ca}' > certificate.json",
    `  aws secretsmanager put-secret-value --region ${region} --secret-id ${certificateSecret(name)} --secret-string file://certificate.json`,
    '  chain.pem has the certificate first; ca.pem is what proxies trust that are told no authority (docs/operations.md, "The relays\' certificate")',
  ].join('\n');
}

function explained<T>(secret: string, order: CertificateOrder, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!isKumulusError(error)) throw error;
    throw new KumulusError('invalid', `${secret}: ${error.message}: ${howTo(order)}`, { cause: error });
  }
}

const date = (milliseconds: number) => new Date(milliseconds).toISOString();
