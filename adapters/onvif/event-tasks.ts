import { media2Calls } from './agsh.ts';
import { OnvifError } from './client.ts';
import { servicesOf } from './describe.ts';
import { type Dialog, serviceAddress } from './dialog.ts';
import { eventCalls } from './event-calls.ts';
import type { OnvifSubscription } from './events.ts';
import { deviceCalls, mediaCalls, NAMESPACES } from './node-onvif.ts';
import { child, type Node, SoapFault, textOf } from './xml.ts';

/** Faults of a camera that names an event service and has none, or one without pull points. */
const UNSUPPORTED = new Set(['ActionNotSupported', 'OptionalActionNotImplemented', 'NotSupported', 'UnknownAction']);

/** The dialog knows the camera's clock. */
export async function subscribe(dialog: Dialog, lifetimeMs: number): Promise<OnvifSubscription | 'unsupported'> {
  const services = await servicesOf(deviceCalls(dialog));
  const url = serviceAddress(dialog.xaddr, services.get(NAMESPACES.events) ?? null);
  if (!url) return 'unsupported';
  try {
    const made = await eventCalls(dialog).create(url, lifetimeMs);
    return { ...made, foreign: await foreignSources(dialog, services) };
  } catch (error) {
    if (error instanceof SoapFault && UNSUPPORTED.has(error.code)) return 'unsupported';
    throw error;
  }
}

/** Whatever a camera answers, it knows the address no more, or will not for long. */
export async function orLost<T>(work: Promise<T>): Promise<T | 'lost'> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof SoapFault) return 'lost';
    throw error;
  }
}

/** A recorder tells of all its channels to everybody; a camera here is its first picture source. */
async function foreignSources(dialog: Dialog, services: ReadonlyMap<string, string>): Promise<readonly string[]> {
  const media = serviceAddress(dialog.xaddr, services.get(NAMESPACES.media) ?? null);
  const media2 = serviceAddress(dialog.xaddr, services.get(NAMESPACES.media2) ?? null);
  if (!media && !media2) return [];
  try {
    const profiles = media ? await mediaCalls(dialog, media).profiles() : [];
    const all = profiles.length === 0 && media2 ? await media2Calls(dialog, media2).profiles() : profiles;
    const tokens = all.map(sourceTokens);
    const [first] = tokens;
    const own = tokens.filter(([source]) => source === first?.[0]).flat();
    return [...new Set(tokens.flat().filter((token) => token !== null && !own.includes(token)))].filter(
      (token): token is string => token !== null,
    );
  } catch (error) {
    // Events without this knowledge are better than none.
    if (error instanceof SoapFault || (error instanceof OnvifError && error.reason === 'notOnvif')) return [];
    throw error;
  }
}

function sourceTokens(profile: Node): readonly [source: string | null, configuration: string | null] {
  const node = child(profile, 'VideoSourceConfiguration') ?? child(profile, 'Configurations', 'VideoSource');
  return [textOf(node, 'SourceToken'), textOf(node, '$', 'token')];
}
