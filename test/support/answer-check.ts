import * as z from 'zod';
import { fuzzDocument, type Json } from '../../dev/fuzz/fuzz-document.ts';
import type { ApiAnswer } from './api-fixture.ts';

/** What is not in an answer as the OpenAPI document says; nothing where the document knows no such endpoint. */
export type AnswerCheck = (method: string, path: string, answer: ApiAnswer) => readonly string[];

const prefix = '#/components/';

/** Checks answers against a document: status, headers, media type, and every member of what is JSON. */
export function createAnswerCheck(document: unknown): AnswerCheck {
  const closed = fuzzDocument(Object(document));
  const components: Json = Object(closed.components);
  const schemas: Json = Object(components.schemas);
  const endpoints = Object.entries(Object(closed.paths)).map(([path, methods]) => ({
    path,
    pattern: new RegExp(`^${path.replace(/[.+]/g, '\\$&').replace(/\{\w+\}/g, '[^/]+')}$`),
    methods: Object(methods),
  }));
  // What is said of a path is said before what is said of its kind.
  endpoints.sort((a, b) => a.path.split('{').length - b.path.split('{').length);
  const readers = new Map<unknown, z.ZodType>();

  function resolved(value: unknown): Json {
    const { $ref: reference } = Object(value);
    return typeof reference === 'string' && reference.startsWith(prefix)
      ? reference
          .slice(prefix.length)
          .split('/')
          .reduce<Json>((found, name) => Object(found[name]), components)
      : Object(value);
  }

  function readerOf(schema: Json): z.ZodType {
    const known = readers.get(schema) ?? reader(schema, schemas);
    readers.set(schema, known);
    return known;
  }

  return (method, path, answer) => {
    const [plain = ''] = path.split('?', 1);
    const { methods } = endpoints.find(({ pattern }) => pattern.test(plain)) ?? {};
    const operation: unknown = methods?.[method.toLowerCase()];
    if (operation === undefined) {
      return [];
    }
    const told: unknown = Object(operation).responses[answer.status];
    if (told === undefined) {
      return [`status ${answer.status} is not told of ${method} ${plain}`];
    }
    const { headers, content } = resolved(told);
    return [
      ...missingHeaders(Object(headers), answer, resolved),
      ...(content === undefined ? empty(answer) : contentProblems(Object(content), answer, readerOf)),
    ];
  };
}

function missingHeaders(
  headers: Json,
  answer: ApiAnswer,
  resolved: (value: unknown) => Json,
): readonly string[] {
  return Object.entries(headers).flatMap(([name, header]) =>
    resolved(header).required === true && !answer.headers.has(name) ? [`header ${name} is missing`] : [],
  );
}

function empty({ text }: ApiAnswer): readonly string[] {
  return text === '' ? [] : [`a body that is not told: ${text.slice(0, 200)}`];
}

function contentProblems(
  content: Json,
  { headers, body, text }: ApiAnswer,
  readerOf: (schema: Json) => z.ZodType,
): readonly string[] {
  const [type = ''] = (headers.get('content-type') ?? '').split(';', 1);
  const told: unknown = content[type];
  if (told === undefined) {
    return [`media type ${JSON.stringify(type)} is not told`];
  }
  if (type !== 'application/json') {
    return [];
  }
  const read = readerOf(Object(told).schema).safeParse(body);
  return read.success ? [] : [`${z.prettifyError(read.error)} in ${text.slice(0, 1_000)}`];
}

/** A schema with those that it refers to. */
function reader(schema: Json, schemas: Json): z.ZodType {
  const whole = JSON.stringify({ ...schema, $defs: schemas }).replaceAll(`"${prefix}schemas/`, '"#/$defs/');
  return z.fromJSONSchema(JSON.parse(whole));
}
