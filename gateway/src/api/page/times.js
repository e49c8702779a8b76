/** `2026-11-23T08:00:05.123+08:00` → `08:00:05`, with the date when it is not today's; the gateway's own zone. */
export function clock(iso, today) {
  if (!iso) return '';
  const [date = '', time = ''] = iso.split('T');
  return date === today ? time.slice(0, 8) : `${date.slice(5)} ${time.slice(0, 5)}`;
}

export function duration(seconds, t) {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return t('ago.s', { n: s });
  if (s < 3_600) return t('ago.m', { n: Math.floor(s / 60) });
  return s < 86_400 ? t('ago.h', { n: Math.floor(s / 3_600) }) : t('ago.d', { n: Math.floor(s / 86_400) });
}

export const since = (iso, now, t) => (iso ? duration((Date.parse(now) - Date.parse(iso)) / 1_000, t) : '');
export const dayOf = (iso) => (iso ?? '').slice(0, 10);

/** This moment in the zone that a time of the gateway is written in, `2026-11-23 08:00:05`. */
export function nowLike(iso, now = Date.now()) {
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(iso) ?? [];
  const offset = sign ? Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes)) : 0;
  return new Date(now + offset * 60_000).toISOString().slice(0, 19).replace('T', ' ');
}
