import { readFileSync } from 'node:fs';
import { parse, type Tags, type YAMLMap, type YAMLSeq } from 'yaml';
import * as z from 'zod';

/**
 * What references of a template stand for: names of parameters and resources (`!Ref`, `!Sub`), `<resource>.<attribute>`
 * (`!GetAtt`), names of exports (`!ImportValue`), and names of conditions (`!If`), which hold as `true`.
 */
export type References = Readonly<Record<string, string>>;

const tags: Tags = [
  ...['Ref', 'Fn::GetAtt', 'Fn::Sub', 'Fn::ImportValue'].map((name) => ({
    tag: `!${name.replace('Fn::', '')}`,
    resolve: (text: string) => ({ [name]: text }),
  })),
  { tag: '!If', collection: 'seq', resolve: (items: YAMLSeq | YAMLMap) => ({ 'Fn::If': items.toJSON() }) },
];

const templateSchema = z.object({ Resources: z.record(z.string(), z.unknown()) });
const roleSchema = z.object({
  Type: z.literal('AWS::IAM::Role'),
  Properties: z.object({
    AssumeRolePolicyDocument: z.unknown(),
    Policies: z.tuple([z.object({ PolicyDocument: z.unknown() })]),
  }),
});

/** Reads a role with one policy out of a CloudFormation template, its references replaced by what they stand for. */
export function readRole(file: URL, name: string, references: References) {
  const template = templateSchema.parse(
    parse(readFileSync(file, 'utf8'), { customTags: tags, logLevel: 'error' }),
  );
  const { Properties: role } = roleSchema.parse(resolved(template.Resources[name], references));
  return { trust: role.AssumeRolePolicyDocument, policy: role.Policies[0].PolicyDocument };
}

function standsFor(name: string, references: References): string {
  const value = references[name];
  if (value === undefined) {
    throw new Error(`the template refers to ${name}, for which the test has no value`);
  }
  return value;
}

function substituted(text: string, references: References): string {
  return text.replaceAll(/\$\{([^!}]+)\}/g, (_, name: string) => standsFor(name, references));
}

function resolved(node: unknown, references: References): unknown {
  if (Array.isArray(node)) {
    return node.map((one) => resolved(one, references));
  }
  if (typeof node !== 'object' || node === null) {
    return node;
  }
  const [first, ...others] = Object.entries(node);
  if (first !== undefined && others.length === 0) {
    const [name, inner] = first;
    if (name === 'Fn::If') {
      const [condition, held, other] = z.tuple([z.string(), z.unknown(), z.unknown()]).parse(inner);
      return resolved(standsFor(condition, references) === 'true' ? held : other, references);
    }
    const text = resolved(inner, references);
    if (typeof text === 'string' && name === 'Fn::Sub') {
      return substituted(text, references);
    }
    if (typeof text === 'string' && ['Ref', 'Fn::GetAtt', 'Fn::ImportValue'].includes(name)) {
      // Names of exports have the stage in them.
      return standsFor(substituted(text, references), references);
    }
  }
  return Object.fromEntries(Object.entries(node).map(([name, inner]) => [name, resolved(inner, references)]));
}
