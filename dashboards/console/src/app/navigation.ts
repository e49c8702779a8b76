import type { Key } from '../language.ts';
import type { Action, Resource } from './rights.ts';

export interface Place {
  readonly to: string;
  readonly label: Key;
  /** Whoever has none of these rights does not see the place. */
  readonly needs: readonly (readonly [Resource, Action])[];
}

export interface Section {
  readonly label: Key;
  readonly places: readonly Place[];
}

/** Where one can go, in the order of a day's work. */
export const SECTIONS: readonly Section[] = [
  { label: 'nav.watch', places: [{ to: '/', label: 'nav.overview', needs: [['devices', 'read']] }] },
];
