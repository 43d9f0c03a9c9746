import type { Token } from './lex.ts';

/** Something that has a value. */
export type Operand =
  | { readonly kind: 'fields'; readonly names: readonly string[]; readonly token: Token }
  | { readonly kind: 'variable'; readonly name: string; readonly token: Token }
  | { readonly kind: 'dot' | 'nil'; readonly token: Token }
  | { readonly kind: 'literal'; readonly value: string | number | boolean; readonly token: Token }
  | { readonly kind: 'function'; readonly name: string; readonly token: Token }
  | { readonly kind: 'pipeline'; readonly pipeline: Pipeline; readonly token: Token }
  /** Fields of what another operand gives. */
  | {
      readonly kind: 'chain';
      readonly of: Operand;
      readonly names: readonly string[];
      readonly token: Token;
    };

/** A function and its arguments, or a value alone. */
export type Command = readonly Operand[];

/** Commands, each of which is the last argument of the one after it; perhaps the value of a variable. */
export interface Pipeline {
  readonly commands: readonly Command[];
  readonly variable?: { readonly name: string; readonly isNew: boolean };
}

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'print'; readonly pipeline: Pipeline }
  | {
      readonly kind: 'if' | 'with';
      readonly condition: Pipeline;
      readonly body: readonly Node[];
      readonly otherwise: readonly Node[];
    };

/** A template that was read. */
export interface Template {
  readonly text: string;
  readonly nodes: readonly Node[];
}
