const formatters = new Map<string, Intl.DateTimeFormat>();

/** Whether a moment lies in hours such as `07:00-22:00` of a zone; `22:00-06:00` goes over midnight, equal ends mean always. */
export function inLoginHours(at: number, hours: string, timeZone: string): boolean {
  const [from = '', to = ''] = hours.split('-');
  const now = clockTime(at, timeZone);
  if (from === to) return true;
  return from < to ? from <= now && now < to : now >= from || now < to;
}

/** `HH:MM` on the wall of the zone. */
function clockTime(at: number, timeZone: string): string {
  let formatter = formatters.get(timeZone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
    formatters.set(timeZone, formatter);
  }
  return formatter.format(at);
}
