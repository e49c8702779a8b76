import type { Answer } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { exactTime } from '../../parts/time.tsx';

type Report = Answer<'DailyReport'>;
export type Item = Report['sections'][number]['items'][number];

/** Lines of a list that go into a message for a group; more are said to be more. */
const LINES = 10;

export const reasonOf = ({ content: { reason, fault } }: Item): string => {
  if (fault) return tCode('fault', fault);
  return reason ? tCode('reason', reason) : '';
};

/** `11-24 08:00` of a time with the gateway's offset. */
export const shortTime = (iso: string | null | undefined): string => (iso ? exactTime(iso).slice(5, 16) : '');

function lineOf(item: Item): string {
  const { name, siteName, orgName, ticketNo, since, dueAt, stage, unitName, deviceId } = item.content;
  const place = [orgName, siteName].filter(Boolean).join(' ');
  return [
    ticketNo,
    name ?? deviceId,
    place && t('reports.text.place', { place }),
    reasonOf(item),
    stage && tCode('stage', stage),
    since && t('reports.text.since', { time: shortTime(since) }),
    dueAt && t('reports.text.due', { time: shortTime(dueAt) }),
    unitName,
  ]
    .filter(Boolean)
    .join(t('reports.text.comma'));
}

/** The daily report as a message for a group. */
export function dailyText({ date, madeAt, live, totals, sections }: Report): string {
  const head = t(live ? 'reports.text.headLive' : 'reports.text.head', { date, time: shortTime(madeAt) });
  const lists = sections
    .filter(({ count }) => count > 0)
    .flatMap(({ name, count, items }) => [
      t('reports.text.section', { name, n: count }),
      ...items.slice(0, LINES).map((item, place) => `${place + 1}. ${lineOf(item)}`),
      ...(count > LINES ? [t('reports.text.more', { n: count - Math.min(LINES, items.length) })] : []),
    ]);
  const none = sections.filter(({ count }) => count === 0).map(({ name }) => name);
  return [
    head,
    t('reports.text.totals', totals),
    ...lists,
    ...(none.length > 0 ? [t('reports.text.none', { names: none.join(t('reports.text.and')) })] : []),
  ].join('\n');
}
