import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const CONSOLE = join(ROOT, 'dashboards/console/src');
/** The guides of the console, which quote its buttons and menus in bold. */
const GUIDES = ['maintainer-guide', 'vendor-guide', 'admin-guide'];
const LANGUAGES = [
  { messages: 'zh-CN', folder: 'docs/zh', bold: '粗体' },
  { messages: 'en', folder: 'docs', bold: 'Bold' },
];

const read = (path: string) => readFileSync(path, 'utf8');
const sources = readdirSync(CONSOLE, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.tsx'))
  .map((entry) => read(join(entry.parentPath, entry.name)));

/** `vendor.topics` is the guide in `vendor/topics.md`. */
const guideFile = (folder: string, name: string) => join(ROOT, folder, `${name.replaceAll('.', '/')}.md`);

/** All words of a catalogue; of a sentence with placeholders the words before the first. */
function words(language: string): Set<string> {
  const folder = join(CONSOLE, 'messages', language);
  const texts = readdirSync(folder).flatMap((file) =>
    [...read(join(folder, file)).matchAll(/^ {2}'[^']+':\s*(?:'([^'\n]*)'|"([^"\n]*)")/gm)].map(
      ([, single, double]) => single ?? double ?? '',
    ),
  );
  const trimmed = (text: string) => text.split('{')[0]?.replace(/[\s：:（(]+$/, '') ?? '';
  return new Set(texts.flatMap((text) => [text, trimmed(text)]));
}

const quoted = (text: string) => [...text.matchAll(/\*\*([^*]+)\*\*/g)].map(([, words = '']) => words);
const pictures = (text: string) => [...text.matchAll(/screenshots\/([\w-]+)\/([\w-]+)\.webp/g)];

describe('guides of the console', () => {
  it('every page leads to a guide that is there', () => {
    const named = sources.flatMap((text) => [...text.matchAll(/\bguide(?:=|: )['"]([\w.-]+)['"]/g)]);
    expect(named.length).toBeGreaterThan(30);
    const missing = named.map(([, name = '']) => name).filter((name) => !existsSync(guideFile('docs/zh', name)));
    expect(missing).toEqual([]);
  });

  it('the shelves hold guides that are there', () => {
    const shelves = read(join(CONSOLE, 'pages/help/guides.ts')).match(/SHELVES = \{([\s\S]*?)\} as const/)?.[1] ?? '';
    const names = [...shelves.matchAll(/'([\w.-]+)'/g)].map(([, name = '']) => name);
    expect(names.length).toBeGreaterThan(15);
    expect(names.filter((name) => !existsSync(guideFile('docs/zh', name)))).toEqual([]);
  });

  it.each(LANGUAGES)('quotes what the console says: $messages', ({ messages, folder, bold }) => {
    const known = words(messages).add(bold);
    expect(known.size).toBeGreaterThan(1_000);
    for (const name of GUIDES) {
      const said = quoted(read(guideFile(folder, name)));
      expect(said.length).toBeGreaterThan(20);
      expect({ name, unknown: said.filter((text) => !known.has(text)) }).toEqual({ name, unknown: [] });
    }
  });

  it.each(LANGUAGES)('shows pictures that are taken, in its own language: $messages', ({ messages, folder }) => {
    const places = read(join(ROOT, 'gateway/test/console/support/places.ts'));
    for (const name of GUIDES) {
      const shown = pictures(read(guideFile(folder, name)));
      expect(shown.length).toBeGreaterThanOrEqual(6);
      const wrong = shown.filter(([, language, place]) => language !== messages || !places.includes(`'${place}'`));
      expect({ name, wrong: wrong.map(([path]) => path) }).toEqual({ name, wrong: [] });
    }
  });
});
