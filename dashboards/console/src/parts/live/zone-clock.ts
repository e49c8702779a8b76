/** This moment in the zone that a time of the gateway is written in: `2026-11-23 08:00:05`. `now` in epoch milliseconds. */
export function nowLike(iso: string, now = Date.now()): string {
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(iso) ?? [];
  const offset = sign ? Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes)) : 0;
  return new Date(now + offset * 60_000).toISOString().slice(0, 19).replace('T', ' ');
}
