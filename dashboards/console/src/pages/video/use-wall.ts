import { useEffect } from 'react';
import { useFilters } from '../../parts/filters.ts';
import { read, type Size, type Slots, sizeOf, written } from './slots.ts';

const STORED = 'cgw.video.wall';
/** Seconds a page stays while it is patrolled (轮巡); 0 = it stays. */
export const PATROLS = [0, 10, 20, 30, 60, 120] as const;

export interface WallState {
  readonly slots: Slots;
  readonly size: Size;
  readonly page: number;
  readonly patrol: number;
}

/** The wall stands in the address, so that it can be sent; this browser remembers the last one. */
export function useWall(): [WallState, (change: Partial<WallState>) => void] {
  const [filters, setFilters] = useFilters();
  const { cams, size, page, patrol } = filters;
  const here = cams !== undefined || size !== undefined;
  // The router may not have read the address yet; what stands there is never replaced by what is remembered.
  const given = new URLSearchParams(window.location.search);
  const empty = !here && !given.has('cams') && !given.has('size');
  useEffect(() => {
    if (here) localStorage.setItem(STORED, JSON.stringify({ cams, size, patrol }));
    else if (empty) setFilters({ ...remembered(), size: remembered().size ?? '4' });
  }, [here, empty, cams, size, patrol, setFilters]);
  const state: WallState = {
    slots: read(cams),
    size: sizeOf(size),
    page: numberOf(page),
    patrol: PATROLS.find((seconds) => String(seconds) === patrol) ?? 0,
  };
  const change = (more: Partial<WallState>) => {
    const next = { ...state, ...more };
    setFilters({
      cams: written(next.slots) || undefined,
      size: String(next.size),
      page: next.page > 0 ? String(next.page) : undefined,
      patrol: next.patrol > 0 ? String(next.patrol) : undefined,
    });
  };
  return [state, change];
}

const numberOf = (text: string | undefined): number => {
  const number = Number(text ?? 0);
  return Number.isInteger(number) && number > 0 ? number : 0;
};

function remembered(): Record<string, string> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(STORED) ?? '{}');
    return typeof kept === 'object' && kept !== null ? (kept as Record<string, string>) : {};
  } catch {
    return {};
  }
}
