import { readFileSync } from 'node:fs';
import { parse, type Tags, type YAMLMap, type YAMLSeq } from 'yaml';
import * as z from 'zod';

/** A CloudFormation template whose short tags (`!Ref`) are written out (`{ Ref }`). */
export type Template = z.infer<typeof templateSchema>;
export type TemplateResource = Template['Resources'][string];
/** Something in a template, as CloudFormation reads it. */
export type Value = unknown;

const resourceSchema = z.strictObject({
  Type: z.string().startsWith('AWS::'),
  Condition: z.string().optional(),
  DependsOn: z.union([z.string(), z.array(z.string())]).optional(),
  DeletionPolicy: z.enum(['Retain', 'RetainExceptOnCreate', 'Delete']).optional(),
  UpdateReplacePolicy: z.enum(['Retain', 'Delete']).optional(),
  Properties: z.record(z.string(), z.unknown()).default({}),
});

const templateSchema = z.strictObject({
  AWSTemplateFormatVersion: z.literal('2010-09-09'),
  Description: z.string(),
  Parameters: z.record(z.string(), z.record(z.string(), z.unknown())),
  Mappings: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown()))).default({}),
  Conditions: z.record(z.string(), z.unknown()).default({}),
  Resources: z.record(z.string(), resourceSchema),
  Outputs: z.record(z.string(), z.record(z.string(), z.unknown())),
});

const functions = [
  ...[
    'And',
    'Base64',
    'Cidr',
    'Equals',
    'FindInMap',
    'GetAZs',
    'GetAtt',
    'If',
    'ImportValue',
    'Join',
    'Not',
    'Or',
  ],
  ...['Ref', 'Select', 'Split', 'Sub'],
];

/** `!GetAtt A.B` is the same as `!GetAtt [A, B]`. */
function writtenOut(name: string, argument: Value): Value {
  if (name === 'Ref') return { Ref: argument };
  const isPath = name === 'GetAtt' && typeof argument === 'string';
  return { [`Fn::${name}`]: isPath ? argument.split(/\.(.*)/s, 2) : argument };
}

const tags: Tags = functions.flatMap((name) => [
  { tag: `!${name}`, resolve: (text: string) => writtenOut(name, text) },
  {
    tag: `!${name}`,
    collection: 'seq' as const,
    resolve: (items: YAMLSeq | YAMLMap) => writtenOut(name, items.toJSON()),
  },
]);

/** Reads a template of `infra/`. @throws where it is none. */
export function readTemplate(name: string): Template {
  const text = readFileSync(new URL(`../../infra/${name}`, import.meta.url), 'utf8');
  return templateSchema.parse(parse(text, { customTags: tags }));
}
