/**
 * What is to be known of Envoy's messages to tell whether a JSON document is one of them: a small copy of their
 * descriptors, so that the API can do without Envoy's code.
 */
export interface MessageTable {
  readonly messages: readonly MessageRow[];
  readonly enums: readonly EnumRow[];
}

/** @remarks The rules of `oneofs` and fields are those of https://github.com/bufbuild/protoc-gen-validate. */
export type MessageRow = readonly [
  /** Such as `envoy.config.cluster.v3.Cluster.LbSubsetConfig`. */
  name: string,
  /** In the order of the file. */
  fields: readonly FieldRow[],
  oneofs?: readonly OneofRow[],
];

/** @remarks The name is that of the `.proto` file, such as `connect_timeout`. */
export type FieldRow = readonly [name: string, type: FieldType, rules?: FieldRules];

/**
 * A scalar by its protobuf name; `m5` and `e5` for a message or an enum of the table, by position; a well-known type
 * by its name within `google.protobuf`; behind `*` a list of it, behind `%` a map from texts to it (`%uint32>` from
 * numbers), and behind `?` an optional scalar.
 */
export type FieldType = string;

export type OneofRow = readonly [name: string, required: boolean, ...fields: string[]];

export type EnumRow = readonly [name: string, values: Readonly<Record<string, number>>];

/** Durations are texts in seconds. */
export interface FieldRules {
  readonly required?: true;
  /** The rules within the message do not count. */
  readonly skip?: true;
  readonly const?: boolean;
  readonly in?: readonly string[];
  readonly notIn?: readonly number[];
  readonly gt?: number | string;
  readonly gte?: number | string;
  readonly lt?: number | string;
  readonly lte?: number | string;
  /** In characters; for bytes, in bytes. */
  readonly minLen?: number;
  readonly maxLen?: number;
  readonly maxBytes?: number;
  readonly pattern?: string;
  /** No other rule counts for an empty value. */
  readonly ignoreEmpty?: true;
  readonly definedOnly?: true;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly unique?: true;
  readonly items?: FieldRules;
  readonly minPairs?: number;
  readonly keys?: FieldRules;
}
