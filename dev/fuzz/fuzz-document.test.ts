import { describe, expect, it } from 'vitest';
import { fuzzDocument } from './fuzz-document.ts';

const named = { type: 'object', properties: { name: { type: 'string' } } };

describe('the document that is fuzzed with', () => {
  it('lets answers have the members that are told, and requests any', () => {
    const reference = (name: string) => ({ $ref: `#/components/schemas/${name}` });
    const body = { content: { 'application/json': { schema: reference('Thing') } } };
    const document = fuzzDocument({
      paths: { '/things': { put: { requestBody: body, responses: { 200: body } } } },
      components: {
        schemas: { Thing: { ...named, properties: { part: reference('Part') } }, Part: named },
        responses: { Refused400: { content: { 'application/json': { schema: named } } } },
      },
    });
    const closed = { additionalProperties: false };
    expect(document).toMatchObject({
      paths: {
        '/things': {
          put: {
            requestBody: body,
            responses: { 200: { content: { 'application/json': { schema: reference('AnsweredThing') } } } },
          },
        },
      },
      components: {
        schemas: {
          Part: named,
          AnsweredPart: { ...named, ...closed },
          AnsweredThing: { ...closed, properties: { part: reference('AnsweredPart') } },
        },
        responses: { Refused400: { content: { 'application/json': { schema: closed } } } },
      },
    });
    expect(JSON.stringify(Object(document.components).schemas.Thing)).not.toContain('additionalProperties');
  });

  it('leaves maps and what may be anything alone', () => {
    const open = {
      map: { type: 'object', additionalProperties: { type: 'string' } },
      any: { type: 'object' },
      kept: { ...named, additionalProperties: true },
    };
    const document = fuzzDocument({ components: { responses: open } });
    expect(Object(document.components).responses).toEqual(open);
  });
});
