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

/** Whether every topic of the second filter fits the first. */
export function filterCovers(granted: string, wanted: string): boolean {
  const [have, want] = [granted.split('/'), wanted.split('/')];
  for (const [index, level] of have.entries()) {
    if (level === '#') return true;
    const other = want[index];
    if (other === undefined || other === '#' || (level !== '+' && level !== other)) return false;
  }
  return have.length === want.length;
}

/** Whether some topic fits both filters. */
export function filtersOverlap(a: string, b: string): boolean {
  const left = a.split('/');
  const right = b.split('/');
  for (let index = 0; ; index++) {
    const [l, r] = [left[index], right[index]];
    if (l === '#' || r === '#') return true;
    if (l === undefined || r === undefined) {
      // `a/#` also fits `a` itself [MQTT-4.7.1-2].
      return (l ?? r) === undefined || (l ?? r) === '#';
    }
    if (l !== r && l !== '+' && r !== '+') return false;
  }
}
