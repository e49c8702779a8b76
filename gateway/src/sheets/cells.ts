// A spreadsheet takes such a text for a formula, in its full-width forms too.
const DANGEROUS = /^'*[=+\-@\t\r\n＝＋－＠]/;

/** A text that no spreadsheet runs as a formula. {@link undefuse} gives back exactly what went in. */
export function defuse(text: string): string {
  return DANGEROUS.test(text) ? `'${text}` : text;
}

/** Takes one defusing apostrophe off again; anything else stays as it is. */
export function undefuse(text: string): string {
  return text.startsWith("'") && DANGEROUS.test(text) ? text.slice(1) : text;
}

/** `A`, `B` … `Z`, `AA`; `index` counts from 0. */
export function columnLetter(index: number): string {
  let rest = index + 1;
  let letters = '';
  while (rest > 0) {
    letters = String.fromCharCode(65 + ((rest - 1) % 26)) + letters;
    rest = Math.floor((rest - 1) / 26);
  }
  return letters;
}

/** Index of a cell reference's column (`AB12` → 27) and its row (12); undefined when it is none. */
export function parseReference(reference: string): { column: number; row: number } | undefined {
  const found = /^([A-Z]{1,3})(\d{1,7})$/.exec(reference);
  if (!found?.[1] || !found[2]) return undefined;
  let column = 0;
  for (const letter of found[1]) column = column * 26 + letter.charCodeAt(0) - 64;
  return { column: column - 1, row: Number(found[2]) };
}

/**
 * A line for people, not data: its only filled cell begins with `#`; above the header the first one doing so is enough.
 * Readers skip it, writers put marks in it.
 */
export function isNote(cells: readonly string[], aboveHeader = false): boolean {
  const filled = cells.filter((cell) => cell.trim() !== '');
  return (filled.length === 1 || aboveHeader) && (filled[0]?.trimStart().startsWith('#') ?? false);
}

/** The text of such a line. */
export const noteText = (line: string): string => (line.startsWith('#') ? line : `# ${line}`);
