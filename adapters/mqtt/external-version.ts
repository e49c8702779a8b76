const MOSQUITTO = /^mosquitto version (\d+)\.(\d+)\.(\d+)/;
/** From this one on Mosquitto recovers shared subscriptions of sessions that outlive its restart. */
const RECOVERS = [2, 0, 12] as const;

/**
 * Whether a broker that calls itself so in `$SYS/broker/version` forgets shared subscriptions when it restarts, and acknowledges
 * what nobody hears until they are made again. What says nothing of itself is taken to keep them.
 */
export function forgetsShares(version: string): boolean {
  const numbers = MOSQUITTO.exec(version)?.slice(1).map(Number);
  if (!numbers) return false;
  for (const [index, needed] of RECOVERS.entries()) {
    const number = numbers[index] ?? 0;
    if (number !== needed) return number < needed;
  }
  return false;
}
