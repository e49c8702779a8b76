interface Leaf<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}
/** As many as the gateway sends at once. */
const MOST = 500;

/** A list to its end, page after page: what is left off would look as if it did not exist. */
export async function whole<Item>(
  read: (query: { limit: number; cursor?: string }) => Promise<Leaf<Item>>,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let cursor: string | null = null;
  do {
    const leaf: Leaf<Item> = await read({ limit: MOST, ...(cursor !== null && { cursor }) });
    items.push(...leaf.items);
    cursor = leaf.nextCursor;
  } while (cursor !== null);
  return items;
}
