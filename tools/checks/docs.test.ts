import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VARIABLES } from '../../gateway/src/config.ts';
import { COMMANDS } from '../cli/commands.ts';

const ROOT = join(import.meta.dirname, '../..');
/** Data whose parent explains it: a folder a vendor. */
const EXPLAINED_ABOVE = /^device-schemas\/[^/]+$/;
/** The guides' made-up vendor. */
const EXAMPLE_VENDOR = '/acme/';
const NOT_OURS = new Set(['node_modules', '.git', 'data', 'coverage']);

function markdownFiles(folder = ROOT): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.has(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return markdownFiles(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

const pages = markdownFiles().map((path) => ({ name: relative(ROOT, path), path, text: readFileSync(path, 'utf8') }));
const readme = pages.find(({ name }) => name === 'README.md')?.text ?? '';
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

/** Anchors as GitHub makes them: lower case, punctuation dropped, blanks to hyphens. */
function anchors(text: string): Set<string> {
  const headings = text.matchAll(/^#+ (.+)$/gm);
  return new Set(
    [...headings].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replaceAll(' ', '-'),
    ),
  );
}

/** Relative links of a page that lead nowhere; code blocks do not link. */
function brokenLinks(page: { path: string; text: string }): string[] {
  const prose = page.text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = '']) => {
    if (/^[a-z]+:/.test(link)) return [];
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? page.path : join(dirname(page.path), decodeURI(file));
    if (!existsSync(target)) return [link];
    if (anchor === undefined) return [];
    return anchors(readFileSync(target, 'utf8')).has(decodeURI(anchor)) ? [] : [link];
  });
}

/** What a check finds on each page, with the page's name in front. */
const onEveryPage = (find: (page: (typeof pages)[number]) => readonly string[]): string[] =>
  pages.flatMap((page) => find(page).map((found) => `${page.name}: ${found}`));

describe('documentation', () => {
  it('was found', () => {
    expect(pages.length).toBeGreaterThan(30);
    expect(VARIABLES.length).toBeGreaterThan(20);
    expect(readme).not.toBe('');
  });

  it('has no link that leads nowhere', () => {
    expect(onEveryPage(brokenLinks)).toEqual([]);
    const text = '[a](nowhere.md) [b](#start) [c](#nowhere) [d](docs/README.md) [e](https://x) `[f](x)`';
    expect(brokenLinks({ path: join(ROOT, 'README.md'), text })).toEqual(['nowhere.md', '#nowhere']);
  });

  it('names only files that exist', () => {
    const missing = onEveryPage(({ text }) =>
      [...text.matchAll(/`((?:gateway|adapters|tools|bench|docs|device-schemas)\/[\w./-]+)`/g)]
        .map(([, path = '']) => path)
        .filter((path) => !existsSync(join(ROOT, path)) && !path.includes(EXAMPLE_VENDOR)),
    );
    expect(missing).toEqual([]);
  });

  it('names only commands that exist', () => {
    const known = new Set(COMMANDS.map(({ name }) => name.split(' ')[0]));
    const unknown = onEveryPage(({ text }) => [
      ...[...text.matchAll(/npm (?:run ([\w-]+)|(test|start)\b)/g)]
        .map(([, run, bare]) => run ?? bare ?? '')
        .filter((name) => scripts[name] === undefined),
      ...[...text.matchAll(/npx cgw ([a-z-]+)/g)].map(([, name = '']) => name).filter((name) => !known.has(name)),
    ]);
    expect(unknown).toEqual([]);
  });

  it('explains every environment variable and no other', () => {
    const explained = new Set([...readme.matchAll(/`(CGW_[A-Z_]+)`/g)].map(([, name]) => name));
    expect([...explained].sort()).toEqual([...VARIABLES].sort());
  });

  it('lists every npm script and command in the README', () => {
    const wanted = [
      ...Object.keys(scripts).map((name) => (name === 'test' || name === 'start' ? `npm ${name}` : `npm run ${name}`)),
      ...COMMANDS.filter(({ name }) => !(name in scripts)).map(({ name }) => `npx cgw ${name}`),
    ];
    expect(wanted.length).toBeGreaterThan(6);
    expect(wanted.filter((command) => !readme.includes(`\`${command}`))).toEqual([]);
  });

  it('says of every folder what it is for', () => {
    const below = (at: string) =>
      readdirSync(join(ROOT, at), { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !NOT_OURS.has(entry.name))
        .map((entry) => join(at, entry.name));
    const top = below('.');
    const all = [...top, ...top.flatMap(below), ...below('gateway/src')].filter((path) => !EXPLAINED_ABOVE.test(path));
    expect(all.length).toBeGreaterThan(20);
    expect(all.filter((path) => !existsSync(join(ROOT, path, 'README.md')))).toEqual([]);
  });
});
