import type { EnumRow, FieldRules, FieldType, MessageRow, OneofRow } from './message-table.ts';
import { makeMessageTable } from './messages.gen.ts';

/** A field, with its type taken apart. */
export interface Field {
  /** As in the `.proto` file. */
  readonly name: string;
  /** As in JSON. */
  readonly jsonName: string;
  readonly shape: 'one' | 'optional' | 'list' | 'map';
  /** Of a map's keys. */
  readonly key: Element;
  readonly element: Element;
  readonly rules: FieldRules | undefined;
}

/** What a field holds, or each element of its list or map. */
export type Element =
  | { readonly kind: 'scalar'; readonly name: string }
  | { readonly kind: 'wellKnown'; readonly name: string }
  | { readonly kind: 'message'; readonly type: MessageType }
  | { readonly kind: 'enum'; readonly name: string; readonly values: ReadonlyMap<string, number> };

export interface MessageType {
  /** Such as `envoy.config.cluster.v3.Cluster`. */
  readonly name: string;
  /** Taken apart when they are asked for, for messages refer to one another. */
  readonly fields: readonly Field[];
  readonly oneofs: readonly OneofRow[];
}

const text: Element = { kind: 'scalar', name: 'string' };

/** Envoy's messages by name; made on first use, for most programs never ask. */
export function messageType(name: string): MessageType | undefined {
  types ??= createTypes();
  return types.get(name);
}

let types: ReadonlyMap<string, MessageType> | undefined;

function createTypes(): ReadonlyMap<string, MessageType> {
  const table = makeMessageTable();
  const messages: readonly MessageType[] = table.messages.map((row) => createType(row, element));
  const enums = table.enums.map(createEnum);

  function element(type: string): Element {
    const [, letter, position] = /^([me])(\d+)$/.exec(type) ?? [];
    const message = letter === 'm' ? messages[Number(position)] : undefined;
    if (message !== undefined) {
      return { kind: 'message', type: message };
    }
    return (
      (letter === 'e' ? enums[Number(position)] : undefined) ?? {
        kind: /^[A-Z]/.test(type) ? 'wellKnown' : 'scalar',
        name: type,
      }
    );
  }
  return new Map(messages.map((type) => [type.name, type]));
}

function createEnum([name, values]: EnumRow): Element {
  return { kind: 'enum', name, values: new Map(Object.entries(values)) };
}

function createType([name, rows, oneofs = []]: MessageRow, element: (type: string) => Element): MessageType {
  let fields: readonly Field[] | undefined;
  return {
    name,
    oneofs,
    get fields() {
      fields ??= rows.map(([fieldName, type, rules]) => ({
        name: fieldName,
        jsonName: camelCase(fieldName),
        rules,
        ...shapeOf(type, element),
      }));
      return fields;
    },
  };
}

const shapes = { '*': 'list', '%': 'map', '?': 'optional' } as const;

function shapeOf(
  type: FieldType,
  element: (type: string) => Element,
): Pick<Field, 'shape' | 'key' | 'element'> {
  const [, mark = '', key, rest = type] = /^([*%?]?)(?:(\w+)>)?(\w+)$/.exec(type) ?? [];
  return {
    shape: mark === '*' || mark === '%' || mark === '?' ? shapes[mark] : 'one',
    key: key === undefined ? text : element(key),
    element: element(rest),
  };
}

function camelCase(name: string): string {
  return name.replace(/_+([a-zA-Z0-9]?)/g, (_, letter: string) => letter.toUpperCase());
}
