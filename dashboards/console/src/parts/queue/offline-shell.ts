/**
 * The pages for on-site work open without a line: a small worker keeps them. Only in what was built, and only where the
 * browser allows it (https, or this very machine).
 */
export function keepShell(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  navigator.serviceWorker.register('/sw.js', { updateViaCache: 'none' }).catch(() => undefined);
}
