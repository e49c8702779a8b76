import type { DataSetId, DeliveryKind, Difference, SentObject } from '../domain/exchange.ts';

export interface Message {
  readonly key: string;
  readonly body: string;
  readonly bytes: number;
  readonly objects: readonly SentObject[];
  /** The beginning, for the log. */
  readonly excerpt: string;
}

const EXCERPT = 2_000;
const VERSION = 1;

/** Made once; every try of it carries these bytes. */
export function messageOf(of: {
  readonly subscriptionId: string;
  readonly dataSet: DataSetId;
  readonly sequence: number;
  readonly kind: DeliveryKind;
  readonly items: readonly Difference[];
  readonly now: number;
}): Message {
  const key = `${of.subscriptionId}:${of.sequence}`;
  const head = {
    ...{ version: VERSION, id: key, subscription: of.subscriptionId, dataSet: of.dataSet, sequence: of.sequence },
    ...{ kind: of.kind, madeAt: new Date(of.now).toISOString() },
  };
  const body = `${JSON.stringify(head).slice(0, -1)},"items":[${of.items.map(itemOf).join(',')}]}`;
  return {
    ...{ key, body, bytes: Buffer.byteLength(body), excerpt: body.slice(0, EXCERPT) },
    objects: of.items.map(({ object, hash }) => [object, hash]),
  };
}

function itemOf({ object, data }: Difference): string {
  const id = JSON.stringify(object);
  return data === null ? `{"op":"remove","id":${id}}` : `{"op":"upsert","id":${id},"data":${data}}`;
}

/** The first ones that fit into a message; at least one. */
export function fitting(items: readonly Difference[], maxBytes: number): readonly Difference[] {
  let bytes = 0;
  const end = items.findIndex((item, i) => {
    bytes += Buffer.byteLength(itemOf(item)) + 1;
    return i > 0 && bytes > maxBytes;
  });
  return end === -1 ? items : items.slice(0, end);
}
