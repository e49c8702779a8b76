import { type Language, language } from '../../language.ts';

/** The project's own guides, each a file of its own that is loaded when it is read. */
const ZH = import.meta.glob<string>('../../../../../docs/zh/**/*.md', { query: '?raw', import: 'default' });
const EN = import.meta.glob<string>(['../../../../../docs/*.md', '../../../../../docs/vendor/*.md'], {
  query: '?raw',
  import: 'default',
});
const PICTURES = import.meta.glob<string>('../../../../../docs/screenshots/**/*.{png,jpg,svg,webp}', {
  query: '?url',
  import: 'default',
});

type Load = () => Promise<string>;

/** `vendor/topics` is `vendor.topics` in an address. */
const byName = (files: Record<string, Load>, folder: RegExp): ReadonlyMap<string, Load> =>
  new Map(
    Object.entries(files).map(([path, load]) => [
      path.replace(folder, '').replace(/\.md$/, '').replaceAll('/', '.'),
      load,
    ]),
  );
const GUIDES: Record<Language, ReadonlyMap<string, Load>> = {
  'zh-CN': byName(ZH, /^.*\/docs\/zh\//),
  en: byName(EN, /^.*\/docs\//),
};

export interface Guide {
  readonly text: string;
  /** Which language it is in: not every guide is there in every one. */
  readonly language: Language;
}

export async function readGuide(name: string): Promise<Guide | null> {
  const other: Language = language() === 'en' ? 'zh-CN' : 'en';
  for (const tongue of [language(), other]) {
    const load = GUIDES[tongue].get(name);
    if (load) return { text: await load(), language: tongue };
  }
  return null;
}

/** Where a link of a guide leads: another guide, a heading, or nowhere within the console. */
export function resolve(link: string, from: string, tongue: Language): { guide: string; hash: string } | null {
  if (/^[a-z]+:/i.test(link)) return null;
  const [path = '', hash = ''] = link.split('#');
  if (path === '') return { guide: from, hash };
  const parts = from.split('.').slice(0, -1);
  for (const part of path.replace(/\.md$/, '').split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  // An English guide leads to a Chinese one where there is no other; a guide does not lead to itself in the other language.
  const chinese = tongue === 'en' && parts[0] === 'zh';
  const guide = parts.slice(chinese ? 1 : 0).join('.');
  if (chinese) return GUIDES['zh-CN'].has(guide) && guide !== from ? { guide, hash } : null;
  return GUIDES[tongue].has(guide) ? { guide, hash } : null;
}

export async function pictureUrl(source: string): Promise<string | null> {
  const name = source.split('/screenshots/')[1];
  const found = Object.entries(PICTURES).find(([path]) => path.endsWith(`/screenshots/${name}`));
  return found ? found[1]() : null;
}

/** In the order in which people need them; what a guide is called stands in its first line. */
export const SHELVES = {
  daily: [
    'maintainer-guide',
    'device-states',
    'tickets',
    'outages',
    'map',
    'video',
    'maintenance',
    'duty',
    'inspections',
  ],
  manage: [
    'add-device-type',
    'add-camera',
    'import-export',
    'registration',
    'alarm-rules',
    'notifications',
    'reports',
    'vendors',
  ],
  admin: ['admin-guide', 'access', 'sign-in', 'audit', 'backup', 'exchange'],
  vendor: ['vendor-guide', 'vendor.quickstart', 'vendor.topics', 'vendor.grammar', 'vendor.README'],
} as const;
export type Shelf = keyof typeof SHELVES;

export const isThere = (name: string): boolean => GUIDES['zh-CN'].has(name) || GUIDES.en.has(name);
/** Guides that stand on no shelf yet. */
export const others = (): readonly string[] => {
  const known = new Set<string>(Object.values(SHELVES).flat());
  return [...GUIDES[language()].keys()].filter((name) => !known.has(name) && name !== 'README');
};
