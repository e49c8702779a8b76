import { useState } from 'react';

export const SIZES = ['standard', 'large', 'largest'] as const;
export type Size = (typeof SIZES)[number];
const STORED = 'cgw.wallSize';

/** How large the letters of the wall are; kept with the screen, since the room decides and not who signs in. */
export function useWallSize(): readonly [Size, (size: Size) => void] {
  const [size, setSize] = useState<Size>(() => SIZES.find((one) => one === localStorage.getItem(STORED)) ?? 'standard');
  return [
    size,
    (next) => {
      localStorage.setItem(STORED, next);
      setSize(next);
    },
  ];
}
