import { useState } from 'react';
import type { Position } from '../../parts/map/geometry.ts';

type Ring = readonly Position[];

/** Corners of an outline being drawn, open (the last is not the first again), and the way back. */
export function useRing() {
  const [steps, setSteps] = useState<readonly Ring[]>([[]]);
  const ring = steps.at(-1) ?? [];
  const put = (next: Ring) => setSteps((before) => [...before.slice(-100), next]);
  return {
    ring,
    /** Begins anew with these; what was drawn before can be had back. */
    put,
    add: (place: Position) => setSteps((before) => [...before.slice(-100), [...(before.at(-1) ?? []), place]]),
    move: (index: number, place: Position) => put(ring.map((old, i) => (i === index ? place : old))),
    remove: (index: number) => put(ring.filter((_, i) => i !== index)),
    undo: () => setSteps((before) => (before.length > 1 ? before.slice(0, -1) : before)),
    canUndo: steps.length > 1,
  };
}
