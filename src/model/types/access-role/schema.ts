import * as z from 'zod';

/** What a rule can allow: Kong Mesh's kinds of access, and `READ`, which it leaves open to everybody. */
export const accessKinds = [
  'CREATE',
  'UPDATE',
  'DELETE',
  'READ',
  'GENERATE_DATAPLANE_TOKEN',
  'GENERATE_USER_TOKEN',
  'GENERATE_ZONE_TOKEN',
  'GENERATE_ZONE_CP_TOKEN',
  'VIEW_CONFIG_DUMP',
  'VIEW_STATS',
  'VIEW_CLUSTERS',
  'VIEW_CONTROL_PLANE_METADATA',
] as const;

export type AccessKind = (typeof accessKinds)[number];

/** Rules, names and conditions are looked at in every decision, so there are no more of them than somebody could read. */
const many = 500;
const few = 100;

const name = z.string().min(1).max(253);
const tags = z.record(z.string().max(253), z.string().max(253));

/** Objects are strict: a condition that is misspelt must not be left out, for then the rule would allow more. */
const targetRef = z.strictObject({
  kind: name,
  name: name.exactOptional(),
  namespace: name.exactOptional(),
  sectionName: name.exactOptional(),
  tags: tags.exactOptional(),
  labels: tags.exactOptional(),
});
const target = z.strictObject({ targetRef });
const match = z.strictObject({ match: tags });

const qualifierSchema = z.strictObject({
  targetRef: targetRef.describe('What the policy is attached to; anything when absent.').exactOptional(),
  to: target.describe('Every item of the list `to` is about this.').exactOptional(),
  from: target.describe('Every item of the list `from` is about this.').exactOptional(),
  sources: match.describe('Of the older policies between services.').exactOptional(),
  destinations: match.describe('Of the older policies between services.').exactOptional(),
  selectors: match.describe('Of the older policies for proxies.').exactOptional(),
  dpToken: z
    .strictObject({
      tags: z
        .array(z.strictObject({ name, value: name }))
        .max(few)
        .describe('Tags that the token is limited to; the values of one name are alternatives.')
        .exactOptional(),
      workload: name.describe('The workload that the token is limited to.').exactOptional(),
    })
    .describe('Of dataplane tokens.')
    .exactOptional(),
});

const ruleSchema = z.strictObject({
  types: z
    .array(name)
    .max(many)
    .describe('Types of resources. When empty: all that are neither secrets nor roles.')
    .exactOptional(),
  names: z
    .array(name)
    .max(many)
    .describe('Names of resources; for tokens, of the proxies or zones they are for. All when empty.')
    .exactOptional(),
  mesh: name
    .describe('The one mesh that the rule is about, the Mesh itself included. All when absent.')
    .exactOptional(),
  access: z.array(z.enum(accessKinds)).max(accessKinds.length).exactOptional(),
  when: z
    .array(qualifierSchema)
    .max(few)
    .describe('Conditions of writes and of dataplane tokens; one has to hold.')
    .exactOptional(),
});

/** `AccessRole`, as Kong Mesh has it. */
export const accessRoleSchema = z.object({
  rules: z.array(ruleSchema).max(few).exactOptional(),
});

export type AccessRoleSpec = z.output<typeof accessRoleSchema>;
export type AccessRoleRule = z.output<typeof ruleSchema>;
export type AccessQualifier = z.output<typeof qualifierSchema>;
export type TargetQualifier = z.output<typeof targetRef>;
