import * as z from 'zod';

const counted = z.object({ visits: z.number(), countedBy: z.string() });
const failed = z.object({ error: z.string() });

/** What came of one visit to the backend: who counted it, or why nobody did. */
export type Visit =
  | { readonly ok: true; readonly visits: number; readonly countedBy: string }
  | { readonly ok: false; readonly reason: string };

/** Visits the backend on 127.0.0.1. It never throws: that a visit fails is something to show. */
export async function visit(port: number): Promise<Visit> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(5_000) });
    const body: unknown = await answer.json();
    const success = counted.safeParse(body);
    if (success.success) return { ok: true, ...success.data };
    return { ok: false, reason: failed.safeParse(body).data?.error ?? `status ${answer.status}` };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : 'failed' };
  }
}
