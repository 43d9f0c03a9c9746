import * as z from 'zod';
import { DurationError, parseDuration } from '../model/duration.ts';
import { KumulusError } from '../model/errors.ts';
import { issuePath } from '../model/schema-issues.ts';
import { Violations } from '../model/violations.ts';
import { goMembers, goText, goTextLists } from './go-values.ts';

/** A token that was asked for: what goes into its claims, and how long it is to be valid, in nanoseconds. */
export interface TokenRequest<Claims> {
  readonly claims: Claims;
  readonly validFor: bigint;
}

/** The claims of a new dataplane token, named and ordered as the reference writes them. */
export interface NewDataplaneClaims {
  readonly Name: string;
  readonly Mesh: string;
  /** Values sorted, each once; a tag has at least one. */
  readonly Tags: Readonly<Record<string, readonly string[]>>;
  readonly Type: string;
  readonly Workload: string;
}

export interface NewZoneClaims {
  readonly Zone: string;
  readonly Scope: readonly string[];
}

export interface NewUserClaims {
  readonly Name: string;
  readonly Groups: readonly string[] | null;
}

/** Longer claims make a token that no header has room for. */
const maxClaimsLength = 16 * 1024;

/** Of a body of another shape, so many are told. */
const maxProblems = 10;

/** Kuma's default where `validFor` is missing: ten years of 365 days. */
const tenYears = 10n * 365n * 24n * 3_600n * 1_000_000_000n;

/** Whether a list is there at all makes a difference in what is written. */
const list = z.array(goText).nullish();

const dataplaneSchema = z.object({
  name: goText.describe('The one Dataplane that it is for; all when empty.'),
  mesh: goText.describe('The mesh that it is for. Required.'),
  tags: goTextLists.describe('Tags that the Dataplane must have, with no other values than these.'),
  type: goText.describe('dataplane, ingress or egress.'),
  workload: goText.describe('The workload that the Dataplane must belong to.'),
  validFor: goText.describe('How long it is valid, such as 720h; ten years when empty.'),
});
const zoneSchema = z.object({
  zone: goText.describe('The zone that it is for; all when empty.'),
  scope: list.describe('What it is for: ingress, egress, cp. Required.'),
  validFor: goText.describe('How long it is valid, such as 720h; ten years when empty.'),
});
const userSchema = z.object({
  name: goText.describe('Whom it stands for. Required.'),
  groups: list.describe('What the user belongs to, such as mesh-system:admin.'),
  validFor: goText.describe('How long it is valid, such as 720h. Required.'),
});

/** The bodies of `POST /tokens/…`, by the kind of token. */
export const tokenRequestSchemas = { dataplane: dataplaneSchema, zone: zoneSchema, user: userSchema };

const proxyTypes: ReadonlySet<string> = new Set(['dataplane', 'ingress', 'egress']);

/**
 * Reads the body of `POST /tokens/dataplane`.
 *
 * @throws KumulusError `bad_request` where the body has another shape (the reference then answers 400 without a word);
 *   `invalid`, titled "Invalid request", with all violations in the reference's words.
 */
export function parseDataplaneTokenRequest(body: unknown): TokenRequest<NewDataplaneClaims> {
  const request = shaped(dataplaneSchema, body);
  const violations = new Violations();
  const { mesh, type } = request;
  if (mesh === '') violations.add('mesh', 'cannot be empty');
  const validFor = durationOrTenYears(request.validFor, violations);
  if (type !== '' && !proxyTypes.has(type)) violations.add('type', `${type} is not a valid proxy type`);
  // A tag without values is no limit, as in the reference.
  const tags = Object.entries(request.tags)
    .filter(([, values]) => values.length > 0)
    .map(([tag, values]) => [tag, [...new Set(values)].sort()] as const);
  const claims: NewDataplaneClaims = {
    Name: request.name,
    Mesh: mesh,
    Tags: Object.fromEntries(tags),
    Type: type,
    Workload: request.workload,
  };
  return checked({ claims, validFor }, violations);
}

/**
 * The members of the body of `POST /tokens/zone` before their values are looked at.
 *
 * @throws KumulusError `bad_request` where it has another shape.
 */
export function readZoneTokenRequest(body: unknown) {
  return shaped(zoneSchema, body);
}

/** Reads the body of `POST /tokens/zone`; throws as {@link parseDataplaneTokenRequest} does. */
export function parseZoneTokenRequest(body: unknown): TokenRequest<NewZoneClaims> {
  const request = readZoneTokenRequest(body);
  const violations = new Violations();
  if (request.scope === undefined || request.scope === null) violations.add('scope', 'cannot be empty');
  const validFor = durationOrTenYears(request.validFor, violations);
  return checked({ claims: { Zone: request.zone, Scope: request.scope ?? [] }, validFor }, violations);
}

/** Reads the body of `POST /tokens/user`; throws as {@link parseDataplaneTokenRequest} does. */
export function parseUserTokenRequest(body: unknown): TokenRequest<NewUserClaims> {
  const request = shaped(userSchema, body);
  const violations = new Violations();
  const { name, validFor: asked } = request;
  if (name === '') violations.add('name', 'cannot be empty');
  let validFor = 0n;
  if (asked === '') {
    violations.add('validFor', 'cannot be empty');
  } else {
    validFor = duration(asked, violations);
    if (validFor === 0n) violations.add('validFor', 'cannot be empty or nil');
  }
  return checked({ claims: { Name: name, Groups: request.groups ?? null }, validFor }, violations);
}

/** Go reads a body of `null` as one without members. */
function shaped<Shape extends z.ZodRawShape>(schema: z.ZodObject<Shape>, body: unknown) {
  const parsed = schema.safeParse(goMembers(body ?? {}, Object.keys(schema.shape)));
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) =>
      path.length === 0 ? message : `${issuePath(path)}: ${message}`,
    );
    throw new KumulusError(
      'bad_request',
      `bad request: the body cannot be read: ${problems.slice(0, maxProblems).join('; ')}`,
    );
  }
  return parsed.data;
}

function durationOrTenYears(asked: string, violations: Violations): bigint {
  return asked === '' ? tenYears : duration(asked, violations);
}

function duration(asked: string, violations: Violations): bigint {
  try {
    return parseDuration(asked);
  } catch (error) {
    if (!(error instanceof DurationError)) throw error;
    violations.add('validFor', `is invalid: ${error.message}`);
    return 0n;
  }
}

function checked<Claims>(request: TokenRequest<Claims>, violations: Violations): TokenRequest<Claims> {
  const length = JSON.stringify(request.claims).length;
  if (length > maxClaimsLength) {
    violations.add('', `claims of a token must be <= ${maxClaimsLength} characters, got ${length}`);
  }
  if (violations.empty) return request;
  throw new KumulusError('invalid', 'Resource is not valid', {
    title: 'Invalid request',
    violations: violations.list,
  });
}
