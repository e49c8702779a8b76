import type { Cam } from 'onvif/lib/cam.js';
import { askCam } from './agsh.ts';
import { OnvifError } from './client.ts';
import { type Dialog, serviceAddress } from './dialog.ts';
import type { OnvifEvent, OnvifPull, OnvifSubscription } from './events.ts';
import type { SoapReply } from './pass.ts';
import { booleanOf, topicRow } from './topics.ts';
import { child, listOf, type Node, textOf } from './xml.ts';

export const MESSAGES_A_PULL = 50;
const MAX_PARAMETERS = 2_048;

/** What the library writes for every camera; other durations are put in their place. */
const ITS_LIFETIME = 'PT2M';
const ITS_WAIT = 'PT1M';

/** The library `onvif` for PullPoint: it composes, our HTTP asks, the answers are read here. */
export function eventCalls(dialog: Dialog) {
  const at = (subscription: OnvifSubscription): URL => {
    const url = serviceAddress(dialog.xaddr, subscription.address);
    if (!url) throw new OnvifError('notOnvif', 'the address of the subscription is no URL');
    return url;
  };
  const ask = (
    subscription: OnvifSubscription,
    method: (cam: Cam, callback: (error?: unknown) => void) => void,
    durations: Readonly<Record<string, number>> = {},
  ): Promise<{ body: Node; reply: SoapReply }> => {
    const { address, parameters } = subscription;
    return askCam(dialog, at(subscription), {
      method(cam, callback) {
        cam.events = { subscription: { subscriptionReference: { address: { href: attribute(address) } } } };
        method(cam, callback);
      },
      header: parameters.xml,
      namespaces: parameters.namespaces,
      rewrite: (soap) => withDurations(soap, durations),
    });
  };

  return {
    async create(url: URL, lifetimeMs: number): Promise<Omit<OnvifSubscription, 'foreign'>> {
      const { body, reply } = await askCam(dialog, url, {
        method: (cam, callback) => cam.createPullPointSubscription(callback),
        rewrite: (soap) => withDurations(soap, { [ITS_LIFETIME]: lifetimeMs }),
      });
      const response = child(body, 'CreatePullPointSubscriptionResponse');
      const address = textOf(response, 'SubscriptionReference', 'Address');
      if (address === null) throw new OnvifError('notOnvif', 'the answer names no subscription');
      return {
        address,
        parameters: referenceParameters(reply.xml),
        until: reply.at + (lifetimeOf(response) ?? lifetimeMs),
        clockOffsetMs: dialog.clockOffsetMs,
      };
    },
    async pull(subscription: OnvifSubscription, waitMs: number): Promise<OnvifPull> {
      const { body, reply } = await ask(
        subscription,
        (cam, callback) => cam.pullMessages({ messageLimit: MESSAGES_A_PULL }, callback),
        { [ITS_WAIT]: waitMs },
      );
      const response = child(body, 'PullMessagesResponse');
      if (response === undefined) throw new OnvifError('notOnvif', 'the answer is no PullMessagesResponse');
      // A camera that names no later end than before does not prolong by a pull; it wants to be asked.
      const until = Math.max(subscription.until, reply.at + (lifetimeOf(response) ?? 0));
      return { ...readMessages(response, subscription), subscription: { ...subscription, until } };
    },
    async renew(subscription: OnvifSubscription, lifetimeMs: number): Promise<OnvifSubscription> {
      const durations = { [ITS_LIFETIME]: lifetimeMs };
      const { body, reply } = await ask(subscription, (cam, callback) => cam.renew({}, callback), durations);
      return { ...subscription, until: reply.at + (lifetimeOf(child(body, 'RenewResponse')) ?? lifetimeMs) };
    },
    async unsubscribe(subscription: OnvifSubscription): Promise<void> {
      await ask(subscription, (cam, callback) => cam.unsubscribe(callback, true));
    },
  };
}

/** The library does not escape what it writes into `To`. */
const attribute = (address: string) => address.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

function withDurations(soap: string, durations: Readonly<Record<string, number>>): string {
  let text = soap;
  for (const [its, ms] of Object.entries(durations)) {
    if (!text.includes(`>${its}<`)) throw new Error(`the library writes ${its} no more`);
    // Whole seconds where they suffice: some cameras read no fractions.
    const seconds = ms >= 1_000 ? Math.round(ms / 1_000) : Math.round(ms / 100) / 10;
    text = text.replace(`>${its}<`, `>PT${seconds}S<`);
  }
  return text;
}

/** How long from now by the camera's own words; some name the present moment there, which says nothing. */
function lifetimeOf(response: Node): number | undefined {
  const [now, end] = ['CurrentTime', 'TerminationTime'].map((name) => Date.parse(textOf(response, name) ?? ''));
  const left = (end ?? Number.NaN) - (now ?? Number.NaN);
  return left > 0 && left < 86_400_000 ? left : undefined;
}

/**
 * The parameters a camera wants to see again, as it wrote them. Namespaces declared further up are declared anew; what
 * cannot be told apart from our own prefixes is left out.
 */
export function referenceParameters(xml: string): OnvifSubscription['parameters'] {
  const none = { xml: '', namespaces: '' };
  const found =
    /<(?:[\w.-]+:)?ReferenceParameters\b([^>]*)(?<!\/)>([\s\S]{1,4096}?)<\/(?:[\w.-]+:)?ReferenceParameters>/.exec(xml);
  const [, own = '', inner = ''] = found ?? [];
  if (inner.trim() === '' || inner.length > MAX_PARAMETERS) return none;
  const prefixes = new Set([...inner.matchAll(/<([\w.-]+):/g)].map(([, prefix = '']) => prefix));
  const namespaces: string[] = [];
  for (const prefix of prefixes) {
    const declared = new RegExp(`\\sxmlns:${prefix}=("[^"<]*"|'[^'<]*')`);
    if (declared.test(inner)) continue;
    const uri = (declared.exec(` ${own}`) ?? declared.exec(xml.slice(0, found?.index)))?.[1];
    if (uri === undefined || prefix === 's' || prefix === 'a') return none;
    namespaces.push(` xmlns:${prefix}=${uri}`);
  }
  return { xml: inner.trim(), namespaces: namespaces.join('') };
}

/** Messages of a PullMessages answer as events. */
export function readMessages(
  response: Node,
  { clockOffsetMs, foreign }: Pick<OnvifSubscription, 'clockOffsetMs' | 'foreign'>,
) {
  const messages = listOf(response, 'NotificationMessage');
  const events: OnvifEvent[] = [];
  for (const message of messages) {
    const row = topicRow(textOf(message, 'Topic') ?? '');
    const inner = child(message, 'Message', 'Message');
    if (!row || inner === undefined) continue;
    const sources = items(inner, 'Source');
    if ([...sources.values()].some((token) => foreign.includes(token))) continue;
    const data = items(inner, 'Data');
    const named = row.state.find((name) => data.has(name));
    const operation = (textOf(inner, '$', 'PropertyOperation') ?? 'Changed').toLowerCase();
    const utc = Date.parse(zoned(textOf(inner, '$', 'UtcTime') ?? ''));
    events.push({
      code: row.code,
      state: operation === 'deleted' ? false : booleanOf(named === undefined ? undefined : data.get(named)),
      operation: operation === 'initialized' || operation === 'deleted' ? operation : 'changed',
      source: [...sources.values()][0]?.slice(0, 64) ?? null,
      at: Number.isFinite(utc) ? utc - (clockOffsetMs ?? 0) : null,
    });
  }
  return { events, ignored: messages.length - events.length, full: messages.length >= MESSAGES_A_PULL };
}

/** Cameras leave out the zone of what the standard says is UTC. */
const zoned = (time: string) => (/(?:Z|[+-]\d\d:?\d\d)$/.test(time) ? time : `${time}Z`);

function items(message: Node, part: string): ReadonlyMap<string, string> {
  const pairs = listOf(message, part, 'SimpleItem').map(
    (item) => [textOf(item, '$', 'Name'), textOf(item, '$', 'Value')] as const,
  );
  return new Map(pairs.filter((pair): pair is [string, string] => pair[0] !== null && pair[1] !== null));
}
