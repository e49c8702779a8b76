/** MQTT filter matching; `#` includes the parent level [MQTT-4.7.1-2]. */
export function matchesFilter(filter: string, topic: string): boolean {
  const wanted = filter.split('/');
  const levels = topic.split('/');
  for (const [index, level] of wanted.entries()) {
    if (level === '#') return true;
    if (index >= levels.length || (level !== '+' && level !== levels[index])) return false;
  }
  return wanted.length === levels.length;
}

/** Whether a filter may be granted to a vendor: not ours, not `$…`, and at least its first level named. */
export function isGrantable(filter: string): boolean {
  const levels = filter.split('/');
  const first = levels[0] ?? '';
  return (
    first !== '' &&
    !/[+#$\0]/.test(first) &&
    first !== 'cgw' &&
    levels.every(
      (level, index) => level === '+' || (level === '#' ? index === levels.length - 1 : !/[+#\0]/.test(level)),
    )
  );
}
