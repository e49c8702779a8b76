import type { Sign } from '../../parts/marks.tsx';

export const STATES = ['open', 'overdue', 'submitted', 'late'] as const;
export const SIGNS: Readonly<Record<(typeof STATES)[number], Sign>> = {
  open: ['warning', 'ring'],
  overdue: ['bad', 'square'],
  submitted: ['good', 'disc'],
  late: ['warning', 'triangle'],
};
export const SHEET_SIGNS: Readonly<Record<'open' | 'submitted' | 'countersigned', Sign>> = {
  open: ['warning', 'ring'],
  submitted: ['odd', 'diamond'],
  countersigned: ['good', 'disc'],
};
