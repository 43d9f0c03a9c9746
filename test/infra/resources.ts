import * as z from 'zod';

/** A template, written or packaged, as far as its resources go. */
interface WithResources<Resource> {
  readonly Resources: Readonly<Record<string, Resource>>;
}

/** The names and resources of a type. */
export function resourcesOf<Resource extends { readonly Type: string }>(
  template: WithResources<Resource>,
  type: string,
): readonly (readonly [string, Resource])[] {
  return Object.entries(template.Resources).filter(([, { Type }]) => Type === type);
}

/** One resource. @throws where there is none of that name. */
export function resourceIn<Resource>(template: WithResources<Resource>, name: string): Resource {
  const resource = template.Resources[name];
  if (resource === undefined) throw new Error(`there is no resource ${name}`);
  return resource;
}

const statementSchema = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Principal: z.unknown().optional(),
  Action: z.union([z.string().transform((one) => [one]), z.array(z.string())]),
  Resource: z.unknown().optional(),
  Condition: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
});

/** A statement of a policy. */
export type Statement = z.infer<typeof statementSchema>;

/** All statements of policies anywhere within a value, such as a resource. */
export function statementsIn(value: unknown): readonly Statement[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'Statement' ? z.array(statementSchema).parse(inner) : statementsIn(inner),
  );
}
