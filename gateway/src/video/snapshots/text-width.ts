/** Widths of letters in ems, on the safe side: full for Chinese, 0.62 for everything that stands narrower. */
const NARROW = 0.62;
// From CJK radicals on, and the full-width forms; emoji and the rare ideographs lie above.
const isWide = (letter: string) => (letter.codePointAt(0) ?? 0) >= 0x2e80;
// Controls and marks that turn the direction of text would let a name overwrite the line.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Text that prints in one line. */
export const printable = (text: string) => text.toWellFormed().replace(UNPRINTABLE, ' ').replace(/\s+/g, ' ').trim();

/** Breaks paragraphs into lines that fit into `room` pixels at this font size. */
export function wrapLines(paragraphs: readonly string[], room: number, fontSize: number): string[] {
  const most = Math.max(4, room / fontSize);
  return paragraphs.flatMap((paragraph) => {
    const lines: string[] = [];
    let line = '';
    let width = 0;
    for (const letter of printable(paragraph)) {
      const ems = isWide(letter) ? 1 : NARROW;
      if (width + ems > most && line !== '') {
        lines.push(line);
        line = '';
        width = 0;
      }
      line += letter;
      width += ems;
    }
    return line === '' ? lines : [...lines, line];
  });
}
