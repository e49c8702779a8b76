import { createHash } from 'node:crypto';
import { createZonedTime } from '../../domain/zoned-time.ts';

/** A page for paper: whole in itself, nothing is fetched and nothing runs. */
export interface Sheet {
  readonly html: string;
  /** Base64 SHA-256 of its only style element, for the policy it is sent with. */
  readonly styleSha256: string;
  /** File name without ending. */
  readonly name: string;
}

const STYLE = `
@page { size: A4; margin: 16mm 14mm; }
* { box-sizing: border-box; }
body { font: 10.5pt/1.5 "Noto Serif CJK SC", "Source Han Serif SC", "Songti SC", SimSun, serif; color: #000; margin: 0 auto; max-width: 190mm; }
h1 { font-size: 18pt; text-align: center; letter-spacing: .2em; margin: 6mm 0 2mm; }
h2 { font-size: 12pt; margin: 5mm 0 1mm; }
p { margin: 1mm 0; }
.no { text-align: right; }
table { border-collapse: collapse; width: 100%; margin: 2mm 0; }
th, td { border: 1px solid #000; padding: 1mm 1.5mm; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th { background: #f2f2f2; font-weight: 600; white-space: nowrap; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
.signs { display: grid; grid-template-columns: 1fr 1fr; gap: 10mm 8mm; margin-top: 10mm; break-inside: avoid; }
.signs div { border-bottom: 1px solid #000; min-height: 12mm; }
.opinion { border: 1px solid #000; min-height: 26mm; padding: 1.5mm; break-inside: avoid; }
.mark { margin-top: 8mm; border-top: 1px dashed #666; padding-top: 2mm; font-size: 8.5pt; color: #333; }
.draft { border: 2px solid #000; text-align: center; font-weight: 700; padding: 1mm; }
`;
const STYLE_SHA256 = createHash('sha256').update(STYLE).digest('base64');

/** HTML that is already safe; everything else is escaped when it is put in. */
export interface Html {
  readonly html: string;
}
type Part = string | number | null | undefined | Html | readonly Part[];

/** Text becomes text: what a device or a person named itself never becomes markup. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { html: strings.reduce((whole, string, index) => whole + string + partOf(parts[index]), '') };
}

function partOf(part: Part): string {
  if (part === null || part === undefined) return '';
  if (typeof part === 'string' || typeof part === 'number') return escapeText(String(part));
  return isHtml(part) ? part.html : part.map(partOf).join('');
}

const isHtml = (part: Html | readonly Part[]): part is Html => !Array.isArray(part);

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

/** A sheet with its title, number and the lines that say who took it when and what for. */
export function sheet(title: string, no: string, content: Html, mark: readonly string[]): Sheet {
  const body = html`<h1>${title}</h1><p class="no">编号：${no || '—'}</p>${content}<div class="mark">${mark.map(
    (line) => html`<p>${line}</p>`,
  )}</div>`;
  const head = html`<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title} ${no}</title>`;
  return {
    html: `<!doctype html><html lang="zh-CN"><head>${head.html}<style>${STYLE}</style></head><body>${body.html}</body></html>`,
    styleSha256: STYLE_SHA256,
    name: no || title,
  };
}

/** Two columns of facts; empty values print as a dash, so that nobody fills them in later. */
export const facts = (rows: readonly (readonly [label: string, value: Part])[]): Html =>
  html`<table><tbody>${rows.map(([label, value]) => html`<tr><th>${label}</th><td>${isBlank(value) ? '—' : value}</td></tr>`)}</tbody></table>`;

const isBlank = (value: Part): boolean => !value || (Array.isArray(value) && value.length === 0);

export const table = (head: readonly string[], rows: readonly (readonly Part[])[]): Html =>
  html`<table><thead><tr>${head.map((cell) => html`<th>${cell}</th>`)}</tr></thead><tbody>${rows.map(
    (row) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>`,
  )}</tbody></table>`;

export const signatures = (labels: readonly string[]): Html =>
  html`<div class="signs">${labels.map((label) => html`<div>${label}：</div>`)}</div>`;

/** `2026-11-23 08:00:00` in a time zone. */
export function localTime(timeZone: string): (at: number | null | undefined) => string {
  const iso = createZonedTime(timeZone);
  return (at) => (at === null || at === undefined ? '—' : iso(at).slice(0, 19).replace('T', ' '));
}
