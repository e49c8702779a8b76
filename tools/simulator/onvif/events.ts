import { type Actions, escapeXml, SoapFault, type SoapRequest } from './soap.ts';

/** What can happen at a simulated camera, with the topic and items real ones use. */
export const ONVIF_EVENTS = {
  motion: {
    topic: 'tns1:RuleEngine/CellMotionDetector/Motion',
    source: 'VideoSourceConfigurationToken',
    item: 'IsMotion',
  },
  motionAlarm: { topic: 'tns1:VideoSource/MotionAlarm', source: 'Source', item: 'State' },
  tamper: { topic: 'tns1:VideoSource/GlobalSceneChange/ImagingService', source: 'Source', item: 'State' },
  tooDark: { topic: 'tns1:VideoSource/ImageTooDark/ImagingService', source: 'Source', item: 'State' },
  videoLoss: { topic: 'tns1:VideoSource/SignalLoss', source: 'Source', item: 'State' },
  digitalInput: { topic: 'tns1:Device/Trigger/DigitalInput', source: 'InputToken', item: 'LogicalState' },
  storageFailure: { topic: 'tns1:Device/HardwareFailure/StorageFailure', source: 'Token', item: 'Failed' },
  unknown: { topic: 'tnssim:Firmware/Gossip', source: 'Source', item: 'Said' },
} as const;
export type SimulatedEvent = keyof typeof ONVIF_EVENTS;

/**
 * What the event service does wrong. `expired`: every subscription is unknown when it is asked for; `foreignHost`: a
 * subscription's address names a host that is none of the camera's; `endless`: each pull finds more messages than it
 * asked for; `impatient`: a pull never waits; `deaf`: it waits for ever; `full`: no further subscription.
 */
export const EVENT_FAULTS = ['none', 'expired', 'foreignHost', 'endless', 'impatient', 'deaf', 'full'] as const;
export type EventFault = (typeof EVENT_FAULTS)[number];

export interface SimulatedEvents {
  /** Tells every subscriber. `channel` counts from 1. */
  emit(event: SimulatedEvent, state: boolean, channel?: number): void;
  fault(fault: EventFault): void;
  /** The camera forgets all subscriptions, as after a restart. */
  forget(): void;
  /** Alive now. */
  readonly subscriptions: number;
  /** Pulls that wait for a message now. */
  readonly waiting: number;
  readonly actions: Actions;
  readonly subscriptionActions: Actions;
}

interface Subscription {
  readonly id: string;
  readonly messages: string[];
  until: number;
  wake: (() => void) | undefined;
}

const MAX_KEPT = 200;
const MOST = 10;

export function createEvents(options: {
  /** Clock of the device, epoch milliseconds. */
  readonly now: () => number;
  readonly address: (id: string, foreign: boolean) => string;
  /** The id is told as a reference parameter, as Axis does, and not in the path. */
  readonly byParameter: boolean;
}): SimulatedEvents {
  const { now, address, byParameter } = options;
  const subscriptions = new Map<string, Subscription>();
  const states = new Map<string, { event: SimulatedEvent; state: boolean; channel: number }>();
  let fault: EventFault = 'none';
  let made = 0;

  const alive = () => {
    for (const { id, until } of subscriptions.values()) if (until <= now()) subscriptions.delete(id);
    return subscriptions;
  };
  const iso = (at: number) => new Date(at).toISOString();
  const times = (until: number) =>
    `<n:CurrentTime xmlns:n="${WSN}">${iso(now())}</n:CurrentTime><n:TerminationTime xmlns:n="${WSN}">${iso(until)}</n:TerminationTime>`;
  const message = (event: SimulatedEvent, state: boolean, channel: number, operation: string) => {
    const { topic, source, item } = ONVIF_EVENTS[event];
    const token =
      source === 'Source' ? `source_${channel}` : source.startsWith('Video') ? `videoSource_${channel}` : `${event}_1`;
    const simple = (name: string, value: string) => `<tt:SimpleItem Name="${name}" Value="${escapeXml(value)}"/>`;
    return `<n:NotificationMessage xmlns:n="${WSN}"><n:Topic Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet">${topic}</n:Topic><n:Message><tt:Message UtcTime="${iso(now())}" PropertyOperation="${operation}"><tt:Source>${simple(source, token)}</tt:Source><tt:Data>${simple(item, state ? 'true' : 'false')}</tt:Data></tt:Message></n:Message></n:NotificationMessage>`;
  };
  const named = (request: SoapRequest): Subscription => {
    const id = byParameter ? request.header('SubscriptionId') : (/\bid=(\w+)/.exec(request.path)?.[1] ?? '');
    const found = fault === 'expired' ? undefined : alive().get(id);
    if (!found) throw new SoapFault(400, 'Sender', 'ResourceUnknownFault', 'No such subscription');
    return found;
  };
  const lifetime = (text: string, otherwise: number) => milliseconds(text) ?? otherwise;

  const actions: Actions = {
    GetServiceCapabilities: () => '<s:Capabilities WSPullPointSupport="true" MaxPullPoints="10"/>',
    GetEventProperties: () =>
      `<s:TopicNamespaceLocation>http://www.onvif.org/onvif/ver10/topics/topicns.xml</s:TopicNamespaceLocation><n:FixedTopicSet xmlns:n="${WSN}">true</n:FixedTopicSet><s:TopicSet>${Object.values(
        ONVIF_EVENTS,
      )
        .map(({ topic }) => `<s:Topic>${topic}</s:Topic>`)
        .join('')}</s:TopicSet>`,
    CreatePullPointSubscription(request) {
      if (fault === 'full' || alive().size >= MOST) {
        throw new SoapFault(500, 'Receiver', 'MaxPullPoints', 'Maximum number of subscriptions reached');
      }
      made += 1;
      const until = now() + lifetime(request.field('InitialTerminationTime'), 60_000);
      const initial = [...states.values()].map(({ event, state, channel }) =>
        message(event, state, channel, 'Initialized'),
      );
      const subscription = { id: `${made}`, messages: initial, until, wake: undefined };
      subscriptions.set(subscription.id, subscription);
      const place = address(byParameter ? '' : subscription.id, fault === 'foreignHost');
      const parameters = byParameter
        ? `<wsa:ReferenceParameters><sim:SubscriptionId xmlns:sim="urn:example:simulated">${subscription.id}</sim:SubscriptionId></wsa:ReferenceParameters>`
        : '';
      return `<s:SubscriptionReference xmlns:wsa="http://www.w3.org/2005/08/addressing"><wsa:Address>${escapeXml(place)}</wsa:Address>${parameters}</s:SubscriptionReference>${times(until)}`;
    },
    async PullMessages(request) {
      const subscription = named(request);
      const limit = Number(request.field('MessageLimit')) || 1;
      if (fault === 'endless') {
        for (let n = 0; n <= limit; n += 1) subscription.messages.push(message('motion', n % 2 === 0, 1, 'Changed'));
      }
      const waitMs =
        fault === 'impatient' ? 0 : fault === 'deaf' ? 2 ** 30 : (milliseconds(request.field('Timeout')) ?? 0);
      if (subscription.messages.length === 0 && waitMs > 0) {
        // One that asks anew gives up the question before.
        subscription.wake?.();
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, waitMs).unref();
          subscription.wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        subscription.wake = undefined;
      }
      // As the standard says: a pull prolongs what would lapse sooner than a minute from now.
      subscription.until = Math.max(subscription.until, now() + 60_000);
      const told = subscription.messages.splice(0, limit);
      return `<s:CurrentTime>${iso(now())}</s:CurrentTime><s:TerminationTime>${iso(subscription.until)}</s:TerminationTime>${told.join('')}`;
    },
  };

  return {
    actions,
    subscriptionActions: {
      Renew(request) {
        const subscription = named(request);
        subscription.until = now() + lifetime(request.field('TerminationTime'), 60_000);
        return times(subscription.until);
      },
      Unsubscribe(request) {
        const subscription = named(request);
        subscriptions.delete(subscription.id);
        subscription.wake?.();
        return '';
      },
    },
    emit(event, state, channel = 1) {
      if (event !== 'unknown') states.set(`${event} ${channel}`, { event, state, channel });
      for (const { messages, wake } of alive().values()) {
        messages.push(message(event, state, channel, 'Changed'));
        // A camera keeps so many for a subscriber that does not come.
        if (messages.length > MAX_KEPT) messages.shift();
        wake?.();
      }
    },
    fault(next) {
      fault = next;
      for (const { wake } of subscriptions.values()) wake?.();
    },
    forget() {
      for (const { wake } of subscriptions.values()) wake?.();
      subscriptions.clear();
    },
    get subscriptions() {
      return alive().size;
    },
    get waiting() {
      return [...subscriptions.values()].filter(({ wake }) => wake !== undefined).length;
    },
  };
}

const WSN = 'http://docs.oasis-open.org/wsn/b-2';

function milliseconds(duration: string): number | undefined {
  const [, hours, minutes, seconds] = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?$/.exec(duration) ?? [];
  if (hours === undefined && minutes === undefined && seconds === undefined) return undefined;
  return (Number(hours ?? 0) * 3_600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0)) * 1_000;
}
