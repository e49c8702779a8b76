import { useQuery } from '@tanstack/react-query';
import { api, body } from '../../api/client.ts';
import { t } from '../../language.ts';
import { codes as en } from '../../messages/en/codes.ts';
import { tickets as ticketsEn } from '../../messages/en/tickets.ts';
import { codes as zh } from '../../messages/zh-CN/codes.ts';
import { tickets as ticketsZh } from '../../messages/zh-CN/tickets.ts';
import { Nothing } from '../../parts/nothing.tsx';

export interface Code {
  readonly code: string;
  readonly zh: string;
  readonly en: string;
}
/** Families of codes that other systems meet in answers and files, in the order people look for them. */
const FAMILIES = [
  'health',
  'lifecycle',
  'flag',
  'stage',
  'priority',
  'ticketKind',
  'severity',
  'fault',
  'reason',
  'refused',
  'incident',
] as const;
const GIVEN = ['faultTypes', 'causes', 'manualKinds'] as const;
export type Family = (typeof FAMILIES)[number] | (typeof GIVEN)[number];

const english: Readonly<Record<string, string>> = { ...en, ...ticketsEn };
const ALL = Object.entries({ ...zh, ...ticketsZh });

const shipped = (family: string): Code[] =>
  ALL.filter(([key]) => key.startsWith(`${family}.`))
    .map(([key, words]) => ({ code: key.slice(family.length + 1), zh: words, en: english[key] ?? '' }))
    .filter(({ code }) => /^\w+$/.test(code));

/** Codes by family: those of the console's catalogue, and those the gateway can be given more of. */
export function useCodes(): readonly { readonly family: Family; readonly codes: readonly Code[] }[] {
  const given = useQuery({
    queryKey: ['names', 'ticket-codes'],
    queryFn: () => body(api.GET('/api/v1/ticket-codes', { params: { query: {} } })),
    retry: false,
    staleTime: 10 * 60_000,
  }).data;
  return [
    ...GIVEN.map((family) => ({
      family,
      codes: (given?.[family] ?? []).map(({ code, title }) => ({ code, zh: title.zh, en: title.en })),
    })).filter(({ codes }) => codes.length > 0),
    ...FAMILIES.map((family) => ({ family, codes: shipped(family) })),
  ];
}

/** Codes and their words in both languages: what the interface and the files say, in the words of the office. */
export function Codes({ q }: { q: string }) {
  const text = q.trim().toLowerCase();
  const families = useCodes()
    .map(({ family, codes }) => ({
      family,
      codes: codes.filter((one) => [one.code, one.zh, one.en].some((words) => words.toLowerCase().includes(text))),
    }))
    .filter(({ codes }) => codes.length > 0);
  if (families.length === 0) return <Nothing title={t('list.empty')} />;
  return (
    <div className="code-families">
      {families.map(({ family, codes }) => (
        <section key={family} className="sheet">
          <h2>
            {t(`dictionary.family.${family}`)} <span className="quiet">{codes.length}</span>
          </h2>
          <table className="dictionary">
            <thead>
              <tr>
                <th scope="col">{t('dictionary.code')}</th>
                <th scope="col">{t('dictionary.zh')}</th>
                <th scope="col">{t('dictionary.en')}</th>
              </tr>
            </thead>
            <tbody>
              {codes.map((one) => (
                <tr key={one.code}>
                  <th scope="row">
                    <code>{one.code}</code>
                  </th>
                  <td>{one.zh}</td>
                  <td lang="en">{one.en}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      ))}
    </div>
  );
}
