import type * as z from 'zod';

/** A JSON Schema (2020-12), as OpenAPI 3.1 has it. */
export type JsonSchema = { readonly [member: string]: unknown };

/** A schema of ours, or one that is written down as it is. */
export type SchemaSource = z.ZodType | JsonSchema;

export interface QueryParameter {
  readonly name: string;
  readonly description: string;
  readonly schema: JsonSchema;
}

export interface AnswerDescription {
  readonly description: string;
  /** Absent where the answer has no body. */
  readonly schema?: SchemaSource;
  /** `application/json` unless told. */
  readonly mediaType?: string;
  /** It has an entity tag. */
  readonly tagged?: boolean;
  /** It tells the revision that was made. */
  readonly revised?: boolean;
}

/** What the document says of one endpoint, beside what all endpoints have in common. */
export interface Operation {
  readonly tag: Tag;
  readonly summary: string;
  readonly description?: string;
  readonly query?: readonly QueryParameter[];
  /** What the parts of the path may be, by name; any text unless told. */
  readonly path?: Readonly<Record<string, JsonSchema>>;
  readonly body?: {
    readonly schema: SchemaSource;
    /** What it may be in media types other than JSON. */
    readonly other?: Readonly<Record<string, JsonSchema>>;
    readonly optional?: boolean;
    /** One that is taken, in JSON. */
    readonly example?: object | undefined;
  };
  /** The statuses of refusals beside those that every endpoint has. */
  readonly refusals?: readonly number[];
  readonly answers: Readonly<Record<number, AnswerDescription>>;
  /** Writes only under conditions, where there are any: takes `If-Match` and `If-None-Match`. */
  readonly conditional?: boolean;
}

/** The chapters of the document, in their order. */
export const tags = {
  'control plane': 'What the control plane says of itself and of what it knows.',
  resources: 'Meshes and all that is in them.',
  inspection: 'What shapes a proxy, and which proxies something shapes.',
  insights: 'Who is connected, counted and by proxy.',
  tokens: 'Credentials for proxies, zones and users.',
  pipelines: 'Many resources at once, changes as they come, and who made them.',
  tenants: 'For operators: the tenants of a deployment.',
} as const;

export type Tag = keyof typeof tags;
