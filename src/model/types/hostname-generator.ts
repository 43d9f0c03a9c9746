import * as z from 'zod';
import type { ResourceType } from '../resource-type.ts';
import { Violations } from '../violations.ts';
import { extensionSchema, validateExtension } from './extension.ts';
import { labelSelectorSchema } from './label-selector.ts';
import { templateProblem } from './name-template.ts';

/** Kuma's `HostnameGenerator`: gives host names to the services that it selects. */
export const hostnameGeneratorSchema = z.object({
  selector: z
    .object({
      meshService: labelSelectorSchema.exactOptional(),
      meshExternalService: labelSelectorSchema.exactOptional(),
      meshMultiZoneService: labelSelectorSchema.exactOptional(),
    })
    .describe('Exactly one of the kinds of services, by their labels.')
    .prefault({}),
  template: z
    .string()
    .describe(
      "A template of Go's, such as '{{ .DisplayName }}.svc.mesh.local'; it knows Name, DisplayName, Namespace, Mesh, Zone and `label`.",
    ),
  extension: extensionSchema.exactOptional(),
});

export type HostnameGeneratorSpec = z.output<typeof hostnameGeneratorSchema>;

function validate({ selector, template, extension }: HostnameGeneratorSpec): Violations {
  const violations = new Violations();
  if (Object.values(selector).length !== 1) {
    violations.add('spec.selector', 'exact one selector (meshService, meshExternalService) must be defined');
  }
  const problem = templateProblem(template);
  if (template === '') {
    violations.add('spec.template', 'must not be empty');
  } else if (problem !== undefined) {
    violations.add('spec.template', `couldn't parse template: ${problem}`);
  }
  validateExtension(violations, 'spec.extension', extension);
  return violations;
}

export const hostnameGeneratorType: ResourceType<HostnameGeneratorSpec> = {
  name: 'HostnameGenerator',
  scope: 'Global',
  path: 'hostnamegenerators',
  singularDisplayName: 'Hostname Generator',
  pluralDisplayName: 'Hostname Generators',
  shortName: 'hg',
  readOnly: false,
  layout: 'spec',
  secret: false,
  includeInFederation: true,
  providedByZone: true,
  schema: hostnameGeneratorSchema,
  validate,
};
