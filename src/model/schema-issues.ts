import { z } from 'zod';
import { index, key, Violations } from './violations.ts';

/** Marks what the reference finds only when it decodes a document that its schema has let through. */
const decodeStage = 'decode';

/** Reports a value that the schema describes and a decoder refuses, in the decoder's words. */
export function decodeIssue(context: z.RefinementCtx, message: string): void {
  context.addIssue({ code: 'custom', message, params: { stage: decodeStage } });
}
void z;
void index;
void key;
void Violations;
