import type { Tone } from '../look/tokens.ts';

/** Shapes that differ without their colours: printed, on a bad screen, to a colour-blind eye. */
export type Shape = 'disc' | 'ring' | 'triangle' | 'square' | 'diamond' | 'zigzag' | 'bar' | 'cross';

/** In a square of 16 by 16. */
export const PATHS: Record<Shape, string> = {
  disc: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2Z',
  ring: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2Zm0 2.2a3.8 3.8 0 1 0 0 7.6 3.8 3.8 0 0 0 0-7.6Z',
  triangle: 'M8 1.8 15 14H1L8 1.8Z',
  square: 'M2.5 2.5h11v11h-11z',
  diamond: 'M8 1l7 7-7 7-7-7z',
  zigzag: 'M1 10.5 4.5 4l3.5 6 3.5-6L15 10.5l-1.8 1-1.9-3.6L8 13.6 4.6 7.8l-1.8 3.6z',
  bar: 'M2 6.5h12v3H2z',
  cross: 'M3.2 1.8 8 6.6l4.8-4.8 1.4 1.4L9.4 8l4.8 4.8-1.4 1.4L8 9.4l-4.8 4.8-1.4-1.4L6.6 8 1.8 3.2z',
};

interface MarkProps {
  readonly tone: Tone;
  readonly shape: Shape;
  readonly label: string;
  /** Only the sign; the words stay for those who listen. */
  readonly bare?: boolean;
}

/** One status: a shape in a colour, and its words. */
export function Mark({ tone, shape, label, bare = false }: MarkProps) {
  return (
    <span className={`mark tone-${tone}`} title={bare ? label : undefined}>
      <svg viewBox="0 0 16 16" width="12" height="12" aria-hidden="true" focusable="false">
        <path d={PATHS[shape]} fill="currentColor" fillRule="evenodd" />
      </svg>
      <span className={bare ? 'heard' : undefined}>{label}</span>
    </span>
  );
}
