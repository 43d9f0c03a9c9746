import type * as z from 'zod';
import * as proto from '../proto-json.ts';
import type { Violations } from '../violations.ts';

/** Where a text comes from: a Secret of the mesh, a file of the control plane, or the document itself. */
export const dataSourceSchema = proto.message(
  {
    secret: proto.presentString(),
    file: proto.presentString(),
    inline: proto.bytesValue().describe('Base64.'),
    inlineString: proto.presentString(),
  },
  ['secret', 'file', 'inline', 'inlineString'],
);

export type DataSource = z.output<typeof dataSourceSchema>;

/** Checks that a data source, where there is one, says where the text comes from. */
export function validateOptionalDataSource(
  violations: Violations,
  path: string,
  source: DataSource | undefined,
): void {
  if (source !== undefined && Object.values(source).every((value) => value === '')) {
    violations.add(path, 'data source cannot be empty');
  }
}
