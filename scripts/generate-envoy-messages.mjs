// Writes src/policies/common/envoy/messages.gen.ts: a table of Envoy's messages, by which the API checks what
// users patch into proxies. Runs behind generate-envoy.mjs, from what that has installed and copied.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const work = resolve('.cache/envoy-proto');
const protos = join(work, 'protos');
const output = resolve('src/policies/common/envoy/messages.gen.ts');

/** What users may patch in. Rules are kept for these and for what they refer to; they do not reach into an Any. */
const roots = [
  'envoy.config.cluster.v3.Cluster',
  'envoy.config.listener.v3.Listener',
  'envoy.config.listener.v3.Filter',
  'envoy.config.route.v3.VirtualHost',
  'envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter',
];
/** What may stand in an Any is everything that configures a cluster or a listener. */
const wanted =
  /^(?:envoy\/(?:config|extensions)\/(?!(?:bootstrap|config|grpc_credential|grpc_service|health_checkers|metrics|overload|resource_monitors|stat_sinks|watchdog)\/)(?:.*\/)?v3|xds\/.*)\//;

/** Where Envoy 1.37 says something else than the files, which are older. Undefined is a field that is gone. */
const newerRules = {
  'envoy.config.accesslog.v3.ResponseFlagFilter.flags': ({ items }) => ({
    items: { in: [...items.in, 'UDO'] },
  }),
  'envoy.config.core.v3.QuicKeepAliveSettings.initial_interval': () => ({ gte: '0.001s', lte: '0s' }),
  'envoy.config.core.v3.QuicKeepAliveSettings.max_interval': () => ({}),
  'envoy.config.core.v3.QuicProtocolOptions.idle_network_timeout': () => ({ gte: '1s' }),
  'envoy.config.core.v3.RuntimeDouble.runtime_key': () => ({}),
  'envoy.config.core.v3.RuntimeFeatureFlag.runtime_key': () => ({}),
  'envoy.config.core.v3.RuntimeUInt32.runtime_key': () => ({}),
};
const newerValues = {
  'envoy.config.accesslog.v3.ComparisonFilter.Op': { NE: 3 },
  'envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.BodySendMode': {
    FULL_DUPLEX_STREAMED: 4,
    GRPC: 5,
  },
};
const goneFields = new Set(['envoy.config.listener.v3.FilterChain.on_demand_configuration']);

const sources = new Map(
  readdirSync(protos, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.proto'))
    .map((file) => [file, readFileSync(join(protos, file), 'utf8')]),
);

/** Whether all that a file refers to is there; the packages leave some out. */
function isComplete(file, seen = new Set()) {
  if (seen.has(file) || file.startsWith('google/protobuf/')) return true;
  seen.add(file);
  const imports = sources.get(file)?.matchAll(/^import (?:public |weak )?"([^"]+)"/gm);
  return imports !== undefined && [...imports].every(([, name]) => isComplete(name, seen));
}

const files = [...sources.keys()].filter((file) => wanted.test(file) && isComplete(file)).sort();
const image = join(work, 'image.json');
execFileSync(
  join(work, 'node_modules/.bin/buf'),
  ['build', '--exclude-source-info', '-o', image, ...files.flatMap((file) => ['--path', `protos/${file}`])],
  { cwd: work, stdio: 'inherit' },
);

const messages = new Map();
const entries = new Map();
const enums = new Map();

function collect(scope, { messageType = [], nestedType = [], enumType = [] }) {
  for (const message of [...messageType, ...nestedType]) {
    const name = `${scope}.${message.name}`;
    (message.options?.mapEntry ? entries : messages).set(name, message);
    collect(name, message);
  }
  for (const one of enumType) enums.set(`${scope}.${one.name}`, one);
}
for (const file of JSON.parse(readFileSync(image, 'utf8')).file) {
  if (file.package !== 'google.protobuf' && file.package !== 'validate') collect(file.package, file);
}

const reached = new Set();
function reach(name) {
  if (reached.has(name) || !messages.has(name)) return;
  reached.add(name);
  for (const field of messages.get(name).field ?? []) {
    const type = field.typeName?.slice(1);
    for (const part of entries.get(type)?.field ?? []) reach(part.typeName?.slice(1));
    reach(type);
  }
}
roots.forEach(reach);

const names = [...messages.keys()].sort();
const enumNames = [...enums.keys()].sort();

function elementType(field) {
  const name = field.typeName?.slice(1);
  if (name === undefined) return field.type.slice('TYPE_'.length).toLowerCase();
  if (name.startsWith('google.protobuf.')) return name.slice('google.protobuf.'.length);
  return enums.has(name) ? `e${enumNames.indexOf(name)}` : `m${names.indexOf(name)}`;
}

function fieldType(field) {
  const entry = entries.get(field.typeName?.slice(1));
  if (entry !== undefined) {
    const [key, value] = entry.field;
    return key.type === 'TYPE_STRING'
      ? `%${elementType(value)}`
      : `%${elementType(key)}>${elementType(value)}`;
  }
  if (field.label === 'LABEL_REPEATED') return `*${elementType(field)}`;
  return field.proto3Optional ? `?${elementType(field)}` : elementType(field);
}

/** The expressions that protoc-gen-validate puts in the place of these names. */
const wellKnown = {
  'HTTP_HEADER_NAME true': "^:?[0-9a-zA-Z!#$%&'*+-.^_|~`]+$",
  'HTTP_HEADER_NAME false': '^[^\u0000\n\r]*$',
  'HTTP_HEADER_VALUE true': '^[^\u0000-\b\n-\u001f\u007f]*$',
  'HTTP_HEADER_VALUE false': '^[^\u0000\n\r]*$',
};
const known = new Set(
  'required skip const in notIn gt gte lt lte minLen maxLen maxBytes pattern ignoreEmpty definedOnly minItems maxItems unique items minPairs keys'.split(
    ' ',
  ),
);

function rulesOf(options) {
  const rules = {};
  for (const [kind, group] of Object.entries(options ?? {})) {
    const { wellKnownRegex, strict = true, ...rest } = group;
    // What is said of a message as if it were an Any does not reach into it.
    if (kind === 'any') rules.skip = true;
    if (wellKnownRegex !== undefined) rules.pattern = wellKnown[`${wellKnownRegex} ${strict}`];
    for (const [name, value] of Object.entries(rest)) rules[name] = ruleValue(name, value);
  }
  return rules;
}

function ruleValue(name, value) {
  if (!known.has(name)) throw new Error(`the rule ${name} is not known`);
  if (name === 'items' || name === 'keys') return rulesOf(value);
  return typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
}

function row(name) {
  const { field = [], oneofDecl = [] } = messages.get(name);
  const remaining = field.filter((one) => !goneFields.has(`${name}.${one.name}`));
  const fields = remaining.map((one) => {
    const stated = reached.has(name) ? rulesOf(one.options?.['[validate.rules]']) : {};
    const rules = newerRules[`${name}.${one.name}`]?.(stated) ?? stated;
    return [one.name, fieldType(one), ...(Object.keys(rules).length > 0 ? [rules] : [])];
  });
  const oneofs = oneofDecl.flatMap((oneof, index) => {
    const members = field.filter((one) => one.oneofIndex === index && !one.proto3Optional);
    const required = oneof.options?.['[validate.required]'] === true;
    return members.length === 0 ? [] : [[oneof.name, required, ...members.map((one) => one.name)]];
  });
  return [name, fields, ...(reached.has(name) && oneofs.length > 0 ? [oneofs] : [])];
}

function enumRow(name) {
  const values = enums.get(name).value.map((value) => [value.name, value.number ?? 0]);
  return [name, { ...Object.fromEntries(values), ...newerValues[name] }];
}

const lines = (rows) => rows.map((one) => `    ${JSON.stringify(one)},\n`).join('');
writeFileSync(
  output,
  `// Generated by scripts/generate-envoy-messages.mjs from Envoy's .proto files (Apache-2.0).
import type { MessageTable } from './message-table.ts';

/** The table, made when it is asked for, so that a program which never asks does not pay for it. */
export function makeMessageTable(): MessageTable {
  return {
    messages: [
${lines(names.map(row))}    ],
    enums: [
${lines(enumNames.map(enumRow))}    ],
  };
}
`,
);
