import { isDeeperThan } from '../../model/json-bounds.ts';
import { parseSmallYaml, type YamlDialect } from '../../model/small-yaml.ts';
import { checkRules } from './envoy/check-rules.ts';
import { decodeAny, decodeMessage, type Message } from './envoy/decode.ts';
import { EnvoyProblem, syntaxProblem } from './envoy/decode-scalar.ts';
import { messageType } from './envoy/message-types.ts';

/** Characters of YAML in all modifications of a policy; see `small-yaml.ts` for what they cost. JSON has no such limit. */
const maxYamlLength = 32_768;

/** The resources of Envoy that policies change. */
export type EnvoyResourceKind = 'cluster' | 'listener' | 'virtualHost' | 'networkFilter' | 'httpFilter';

const messages: Readonly<Record<EnvoyResourceKind, string>> = {
  cluster: 'envoy.config.cluster.v3.Cluster',
  listener: 'envoy.config.listener.v3.Listener',
  virtualHost: 'envoy.config.route.v3.VirtualHost',
  networkFilter: 'envoy.config.listener.v3.Filter',
  httpFilter: 'envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter',
};

/** YAML 1.1 without times and octets, as Go's `sigs.k8s.io/yaml` reads it. */
const dialect: YamlDialect = {
  version: '1.1',
  uniqueKeys: false,
  // Lists and maps are no keys; scalars are what they are written as.
  stringKeys: true,
  customTags: (tags) => tags.filter((tag) => typeof tag === 'string' || !isLeftAsText(tag)),
};

function isLeftAsText({ tag, format }: { readonly tag: string; readonly format?: string }): boolean {
  return format === 'TIME' || tag.endsWith(':timestamp') || tag.endsWith(':binary');
}

/** Tells what is wrong with Envoy resources in YAML or JSON; undefined where nothing is. One policy is one checker. */
export type EnvoyResourceCheck = (
  /** `any` for one that names its own type. */
  kind: EnvoyResourceKind | 'any',
  text: string,
  /** Whether it is all of a resource, or what is merged into one. */
  extent: 'whole' | 'part',
) => string | undefined;

/** Makes a checker for the resources of one policy. */
export function createEnvoyResourceCheck(): EnvoyResourceCheck {
  let yamlLeft = maxYamlLength;

  function read(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch {
      if (text.length > yamlLeft) {
        throw new EnvoyProblem(
          `YAML may have at most ${maxYamlLength} characters in all modifications; use JSON`,
        );
      }
      yamlLeft -= text.length;
      return readYaml(text);
    }
  }

  return (kind, text, extent) => {
    try {
      const json = read(text);
      if (isDeeperThan(json)) {
        return 'it nests too deep';
      }
      const message = kind === 'any' ? decodeAny(json, 'refused') : decode(kind, json);
      if (message !== undefined && extent === 'whole') {
        checkRules(message);
      }
      return undefined;
    } catch (error) {
      if (error instanceof EnvoyProblem) {
        return error.message;
      }
      throw error;
    }
  };
}

function decode(kind: EnvoyResourceKind, json: unknown): Message | undefined {
  const type = messageType(messages[kind]);
  return type && decodeMessage(type, json);
}

/** What is no YAML is taken for broken JSON. */
function readYaml(text: string): unknown {
  try {
    return parseSmallYaml(text, maxYamlLength, dialect);
  } catch {
    throw new EnvoyProblem(syntaxProblem(text, 'unexpected EOF'));
  }
}
