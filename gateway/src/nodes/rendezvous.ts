/**
 * Highest random weight: every process computes the same owner from the same list, and a process that comes or goes moves
 * only what it gets or had. undefined when there is nobody.
 */
export function ownerAmong(ids: readonly string[], key: string | number): string | undefined {
  let best: string | undefined;
  let most = -1;
  for (const id of ids) {
    const weight = weightOf(`${id}\0${key}`);
    // Equal weights must not depend on the order of the list.
    if (weight > most || (weight === most && best !== undefined && id < best)) [best, most] = [id, weight];
  }
  return best;
}

/** FNV-1a, then mixed as MurmurHash3 ends: neighbouring keys (camera 1, camera 2) get unrelated weights. */
function weightOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
