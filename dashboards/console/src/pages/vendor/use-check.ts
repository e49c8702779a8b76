import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { language } from '../../language.ts';

type Fault = Answer<'DeviceTypeCheck'>['faults'][number];
const NO_TOPICS: readonly string[] = [];
const NONE: readonly Fault[] = [];

/** Every fault of a text, its examples included, as the gateway would find it at an upload. */
export function useCheck(source: string): {
  readonly faults: readonly Fault[];
  /** Whether this text was looked at already. */
  readonly known: boolean;
  readonly error: unknown;
  /** Topics the own company was not granted. */
  readonly notGranted: readonly string[];
} {
  const check = useQuery({
    queryKey: ['type-check', source, language()],
    enabled: source.trim() !== '',
    queryFn: () => body(api.POST('/api/v1/device-types/check', { body: { source } })),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const faults = check.data?.faults ?? NONE;
  const notGranted = check.data?.notGranted ?? NO_TOPICS;
  return useMemo(
    () => ({ faults, known: check.data !== undefined && !check.isPlaceholderData, error: check.error, notGranted }),
    [faults, notGranted, check.data, check.isPlaceholderData, check.error],
  );
}
