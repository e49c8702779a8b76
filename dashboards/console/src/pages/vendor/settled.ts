import { useEffect, useState } from 'react';

/** A value once it has stood still for `ms` milliseconds. */
export function useSettled<T>(value: T, ms: number): T {
  const [settled, setSettled] = useState(value);
  const name = JSON.stringify(value);
  // The name stands for the value: the same text is the same value.
  useEffect(() => {
    const wait = setTimeout(() => setSettled(JSON.parse(name) as T), ms);
    return () => clearTimeout(wait);
  }, [name, ms]);
  return settled;
}
