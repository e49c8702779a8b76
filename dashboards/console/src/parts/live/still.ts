import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { problemOf } from '../../api/problem.ts';
import { language } from '../../language.ts';
import { createTurns } from './turns.ts';

/** A camera may be asked over HTTP (4 s) and then for a key frame (10 s), after waiting for others. */
const PATIENCE_MS = 30_000;
/** Each picture shown stands in 调阅登记: a wall that nobody touches asks every five minutes. */
const REFRESH_MS = 5 * 60_000;
const turn = createTurns(2);

/** One picture of a camera, never without the time it was taken. */
export interface Still {
  readonly jpeg: Blob;
  /** ISO time with the gateway's offset. */
  readonly takenAt: string;
  readonly masked: boolean;
}

/** Reads a JPEG of the gateway; refusals are thrown as `Problem`. */
export function readStill(address: string): Promise<Still> {
  return turn(async () => {
    const response = await fetch(address, {
      credentials: 'same-origin',
      cache: 'no-store',
      headers: { 'accept-language': language() },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (!response.ok) throw await problemOf(response);
    return {
      jpeg: await response.blob(),
      takenAt: response.headers.get('x-captured-at') ?? '',
      masked: response.headers.get('x-masked') === 'true',
    };
  });
}

const of = (camera: string, path: string, query: Record<string, string>) =>
  `/api/v1/cameras/${encodeURIComponent(camera)}/${path}.jpg?${new URLSearchParams(query)}`;

/** The camera as it looks now. */
export const nowOf = (camera: string, width: number) => of(camera, 'snapshot', { width: String(width) });
/** A picture of the last ten minutes will do; its age is written beside it, so that none needs to be burnt in. */
export const lately = (camera: string, width: number) =>
  of(camera, 'snapshot', { width: String(width), maxAge: '10m', mark: 'false' });
/** A stored picture by its id. */
export const stored = (camera: string, picture: string, query: Record<string, string> = {}) =>
  of(camera, `pictures/${encodeURIComponent(picture)}`, query);

interface StillOptions {
  readonly enabled: boolean;
  /** Id of the last stored picture of a camera that gives none now. */
  readonly last: string | null;
  readonly width: number;
}

/** What an idle camera shows: a picture of the last minutes; of one that is not reached, the last there is. */
export function useStill(camera: string, { enabled, last, width }: StillOptions) {
  return useQuery({
    queryKey: ['still', camera, last ?? 'now', width],
    queryFn: () => readStill(last === null ? lately(camera, width) : stored(camera, last, { width: String(width) })),
    enabled,
    staleTime: REFRESH_MS,
    refetchInterval: last === null ? REFRESH_MS : false,
    refetchOnWindowFocus: false,
    retry: false,
  });
}

/** An address of a picture in memory, given back when it is no longer shown. */
export function useAddress(jpeg: Blob | undefined): string | undefined {
  const [address, setAddress] = useState<string>();
  useEffect(() => {
    if (!jpeg) return setAddress(undefined);
    const made = URL.createObjectURL(jpeg);
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [jpeg]);
  return address;
}

/** Hands a file over to whoever sits there. */
export function save(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
