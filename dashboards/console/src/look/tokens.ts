/** Design tokens: the one place for colours, sizes and letters. `look.css` gets them as custom properties. */

export const LETTERS =
  '"PingFang SC", "Microsoft YaHei UI", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC", system-ui, sans-serif';

/** Sizes in pixels; Chinese needs more line height and no letter under 12. */
export const SIZES = { small: 12, text: 14, title: 16, figure: 24, wall: 40 } as const;

export const LIGHT = {
  accent: '#0b5fa5',
  /** Behind a chosen row: links on it stay legible. */
  chosen: '#e6f0f8',
  ground: '#f3f5f7',
  surface: '#ffffff',
  line: '#d5dbe1',
  text: '#16202a',
  quiet: '#55626f',
  good: '#1a7f4b',
  warning: '#8f5b00',
  bad: '#c0262d',
  odd: '#6b3fa0',
  none: '#66727e',
} as const;

export const DARK: Record<keyof typeof LIGHT, string> = {
  accent: '#57b0ff',
  chosen: '#17324a',
  ground: '#0c141c',
  surface: '#14202b',
  line: '#2a3a49',
  text: '#e6edf3',
  quiet: '#9fb0bf',
  good: '#45c486',
  warning: '#f0b429',
  bad: '#ff6b6b',
  odd: '#b794f6',
  none: '#8a99a8',
};

export type Tone = 'good' | 'warning' | 'bad' | 'odd' | 'none';
