export type Direction = 'up' | 'down' | 'left' | 'right' | 'in' | 'out';

const KEYS: Readonly<Record<string, Direction>> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right',
  '+': 'in',
  '=': 'in',
  '-': 'out',
};
export const directionOfKey = (key: string): Direction | null => KEYS[key] ?? null;

/** Right, up and in are positive. `speed` 0..1. */
export function speedOf(direction: Direction, speed: number): { pan: number; tilt: number; zoom: number } {
  const still = { pan: 0, tilt: 0, zoom: 0 };
  if (direction === 'left' || direction === 'right') return { ...still, pan: direction === 'right' ? speed : -speed };
  if (direction === 'up' || direction === 'down') return { ...still, tilt: direction === 'up' ? speed : -speed };
  return { ...still, zoom: direction === 'in' ? speed : -speed };
}
