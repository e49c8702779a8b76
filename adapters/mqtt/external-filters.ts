/**
 * The fewest filters that hear everything these hear, none of them overlapping another: a broker delivers a message once for
 * each shared subscription that fits it. What fits two of them only in part is heard through one that is wider than both.
 */
export function withoutOverlap(filters: Iterable<string>): string[] {
  const kept: string[][] = [];
  for (const filter of [...new Set(filters)].sort()) {
    let levels = filter.split('/');
    for (let index = 0; index < kept.length; ) {
      const other = kept[index];
      if (other && overlap(levels, other)) {
        levels = union(levels, other);
        kept.splice(index, 1);
        // What is wider now may touch what it did not touch before.
        index = 0;
      } else index += 1;
    }
    kept.push(levels);
  }
  return kept.map((levels) => levels.join('/')).sort();
}

function overlap(a: readonly string[], b: readonly string[]): boolean {
  for (let index = 0; ; index += 1) {
    const [left, right] = [a[index], b[index]];
    if (left === '#' || right === '#') return true;
    if (left === undefined || right === undefined) return left === right;
    if (left !== right && left !== '+' && right !== '+') return false;
  }
}

function union(a: readonly string[], b: readonly string[]): string[] {
  const levels: string[] = [];
  for (let index = 0; ; index += 1) {
    const [left, right] = [a[index], b[index]];
    if (left === '#' || right === '#') return [...levels, '#'];
    if (left === undefined || right === undefined) return levels;
    levels.push(left === right ? left : '+');
  }
}
