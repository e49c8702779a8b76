/** Starts what the whole test run shares. */
export default async function setup(): Promise<() => Promise<void>> {
  return async () => undefined;
}
