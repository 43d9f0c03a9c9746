/** What stands for a secret. */
const blank = '[redacted]';

/**
 * Members that hold what a user wrote in place of the name of a secret: those of Kuma's DataSource, wherever it is.
 * Some are certificates, others are keys; all are left out.
 */
const inlineMembers: ReadonlySet<string> = new Set(['inline', 'inlineString', 'insecureInline']);
const mayHaveInline = /"(?:inline|inlineString|insecureInline)"/;

/**
 * The text of a stored resource, fit for the audit trail.
 *
 * @param text as `resource-text.ts` writes it.
 * @param isSecret whether the resource is a secret; then nothing is left of its contents, sealed or not.
 */
export function blankedText(text: string, isSecret: boolean): string {
  if (isSecret) {
    const { sealed: _sealed, spec: _spec, ...rest } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    return JSON.stringify({ ...rest, spec: { data: blank } });
  }
  return mayHaveInline.test(text) ? JSON.stringify(JSON.parse(text, blankMember)) : text;
}

function blankMember(name: string, value: unknown): unknown {
  return inlineMembers.has(name) ? blank : value;
}
