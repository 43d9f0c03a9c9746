import { maxMeshNameLength, maxNameLength, meshReferencePattern, namePattern } from '../../model/names.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import { anyObject, described, mapOf, object, text, time } from './fields.ts';
import type { JsonSchema } from './operation.ts';
import type { Schemas } from './schemas.ts';

/** The name of something that can be written. */
export function nameSchema(type: ResourceType): JsonSchema {
  if (type.readOnly) {
    return text;
  }
  const longest = type.name === 'Mesh' ? maxMeshNameLength : (type.maxDisplayNameLength ?? maxNameLength);
  return { type: 'string', pattern: namePattern.source, minLength: 1, maxLength: longest };
}

/** The schema of what a type's resources say, under `spec` or beside the metadata. */
export function specSchema(type: ResourceType, schemas: Schemas): JsonSchema {
  return schemas.inline(type.schema);
}

/** The schema of a resource as it is written and read, under the type's name. */
export function resourceSchema(type: ResourceType, schemas: Schemas): JsonSchema {
  return schemas.named(type.name, () => {
    const spec = specSchema(type, schemas);
    const isNested = type.layout === 'spec';
    const needsSpec = isNested && !type.schema.safeParse(undefined).success;
    const ofMesh = type.scope === 'Mesh';
    return {
      type: 'object',
      required: [
        'type',
        ...(ofMesh && !isNested ? ['mesh'] : []),
        'name',
        ...(needsSpec ? ['spec'] : requiredOf(spec, isNested)),
      ],
      properties: {
        type: { const: type.name },
        ...(ofMesh && { mesh: meshSchema(isNested) }),
        name: nameSchema(type),
        labels: mapOf(text),
        creationTime: described('Set by the control plane.', time),
        modificationTime: described('Set by the control plane.', time),
        kri: described("Kuma's resource identifier.", text),
        ...(isNested ? { spec } : Object(spec.properties)),
        ...(type.status !== undefined && {
          status: {
            ...schemas.inline(type.status.schema),
            description: 'Computed by the control plane; what is sent of it is checked and forgotten.',
          },
        }),
      },
    };
  });
}

/** The schema of a resource as an object of Kubernetes. */
export function kubernetesSchema(schemas: Schemas): JsonSchema {
  return schemas.named('KubernetesObject', () =>
    object({
      kind: text,
      apiVersion: text,
      metadata: object({
        name: text,
        'namespace?': text,
        creationTimestamp: time,
        'labels?': mapOf(text),
      }),
      'mesh?': text,
      'spec?': anyObject,
      'status?': anyObject,
      'data?': mapOf(text),
      'type?': text,
    }),
  );
}

/** The members that a flat document must have of its own. */
function requiredOf({ required }: JsonSchema, isNested: boolean): readonly unknown[] {
  return !isNested && Array.isArray(required) ? required : [];
}

/** Documents of the older types must say which mesh they are of. */
function meshSchema(isNested: boolean): JsonSchema {
  return {
    type: 'string',
    pattern: meshReferencePattern.source,
    maxLength: maxNameLength,
    ...(isNested && { default: 'default' }),
  };
}
