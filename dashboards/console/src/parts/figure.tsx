import type { ReactNode } from 'react';
import type { Tone } from '../look/tokens.ts';
import { Rule } from './rule.tsx';

interface FigureProps {
  readonly label: string;
  readonly value: ReactNode;
  readonly tone?: Tone;
  /** How the number is made; shown beside it. */
  readonly rule?: string;
  readonly note?: ReactNode;
}

/** A number people look at from afar: what it counts, the number, and the rule behind it. */
export function Figure({ label, value, tone = 'none', rule, note }: FigureProps) {
  return (
    <div className={`figure tone-${tone}`}>
      <div className="figure-label">
        {label}
        {rule && <Rule words={rule} />}
      </div>
      <div className="figure-value">{value}</div>
      {note && <div className="figure-note">{note}</div>}
    </div>
  );
}
