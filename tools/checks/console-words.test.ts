import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const SOURCES = join(import.meta.dirname, '../../dashboards/console/src');
/** Defaults of the gateway that are data in every language, such as names of levels. */
const DATA = ['/pages/rules/settings-spec.ts'];
const CHINESE = /[\u3400-\u9fff]/;

it('keeps the console’s words in its catalogues: no component speaks a language of its own', () => {
  const files = readdirSync(SOURCES, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/\.(d|test)\.ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.includes('/messages/') && !DATA.includes(file.slice(SOURCES.length)));
  expect(files.length).toBeGreaterThan(20);
  const speaking = files.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line, index) => {
        const code = line.replace(/^\s*(\/\*\*|\*|\/\/).*$/, '').replace(/\/\*.*?\*\//g, '');
        // Words between tags, and Chinese anywhere in code. What is compared is set between blanks, a tag is not.
        const spoken = CHINESE.test(code) || /[^\s=]>\s*[A-Za-z]{3,}[^<{&]*<\/?\w/.test(code);
        return spoken ? [`${file.slice(SOURCES.length)}:${index + 1} ${line.trim()}`] : [];
      }),
  );
  expect(speaking).toEqual([]);
});

it('has one place for each key: a page never says another page’s words', () => {
  const folder = join(SOURCES, 'messages/zh-CN');
  const keys = readdirSync(folder).flatMap((file) =>
    [...readFileSync(join(folder, file), 'utf8').matchAll(/^ {2}'([^']+)':/gm)].map(([, key]) => key),
  );
  expect(keys.length).toBeGreaterThan(500);
  expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
});
