import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, it } from 'vitest';

const documents = [
  ...readdirSync('.').filter((name) => name.endsWith('.md')),
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

/** The text without what is shown as code, in which nothing is a link or a heading. */
function prose(file: string): string {
  return readFileSync(file, 'utf8')
    .replace(/^```[\s\S]*?^```/gm, '')
    .replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]()]/g, ''));
}

/** What GitHub makes of a heading for links to it. */
function anchorsOf(file: string): ReadonlySet<string> {
  return new Set(
    [...prose(file).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** Links of a document to others of the project, and within itself. */
function linksOf(file: string): readonly string[] {
  const text = prose(file);
  const inline = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  const named = [...text.matchAll(/^\[[^\]]+\]: (\S+)$/gm)].map(([, target = '']) => target);
  return [...inline, ...named].filter((target) => !/^[a-z]+:/.test(target));
}

it.each(documents)('%s links to what is there', (file) => {
  const broken = linksOf(file).filter((link) => {
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? file : normalize(join(dirname(file), path));
    if (!existsSync(target)) {
      return true;
    }
    return anchor !== undefined && target.endsWith('.md') && !anchorsOf(target).has(anchor);
  });
  expect(broken).toStrictEqual([]);
});
