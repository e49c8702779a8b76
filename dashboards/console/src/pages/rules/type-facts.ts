import { useQuery } from '@tanstack/react-query';
import { api, body } from '../../api/client.ts';
import { inWords } from '../../parts/in-words.ts';
import { unitOf } from '../../parts/units.ts';
import type { Choice } from './condition-input.tsx';

interface Titled {
  readonly title?: { readonly zh: string; readonly en: string };
  readonly unit?: string;
  readonly when?: string;
  readonly lifeSafety?: boolean;
}
type Named = Readonly<Record<string, Titled>>;
interface Definition {
  readonly metrics?: Named;
  readonly components?: Readonly<Record<string, Titled & { readonly metrics?: Named }>>;
  readonly events?: Named;
  readonly alarms?: Named;
}

const said = (name: string, { title, unit }: Titled) => {
  const shown = unit ? unitOf(unit) : '';
  return `${title ? inWords(title) : name}${shown ? ` (${shown})` : ''} · ${name}`;
};
const choices = (named: Named = {}): Choice[] =>
  Object.entries(named).map(([name, one]) => ({ value: name, label: said(name, one) }));

/** What a rule of a device type can be about: its metrics, events and alarms by their names. */
export function useTypeFacts(id: string | undefined) {
  const { data } = useQuery({
    queryKey: ['names', 'deviceType', id],
    queryFn: () => body(api.GET('/api/v1/device-types/{id}', { params: { path: { id: id ?? '' } } })),
    enabled: id !== undefined && id !== '',
    staleTime: 5 * 60_000,
  });
  const definition = (data?.definition ?? {}) as Definition;
  const parts = Object.entries(definition.components ?? {}).flatMap(([component, { title, metrics = {} }]) =>
    Object.entries(metrics).map(([name, one]) => ({
      value: `${component}.*.${name}`,
      label: `${title ? inWords(title) : component} ${said(`${component}.*.${name}`, one)}`,
    })),
  );
  return {
    metrics: [...choices(definition.metrics), ...parts],
    events: choices(definition.events),
    codes: [...choices(definition.alarms), ...choices(definition.events)].filter(
      ({ value }, place, all) => all.findIndex((one) => one.value === value) === place,
    ),
    alarms: definition.alarms ?? {},
  };
}
