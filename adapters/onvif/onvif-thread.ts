import { parentPort } from 'node:worker_threads';
import { OnvifError } from './client.ts';
import { describeCamera, servicesOf } from './describe.ts';
import { type Dialog, serviceAddress } from './dialog.ts';
import { eventCalls } from './event-calls.ts';
import { orLost, subscribe } from './event-tasks.ts';
import type { OnvifSubscription } from './events.ts';
import { printable } from './failure.ts';
import { deviceCalls, NAMESPACES, ptzCalls } from './node-onvif.ts';
import type { SoapReply } from './pass.ts';
import { readMatches } from './probe-match.ts';
import type { CameraPath, Failure, FromThread, ThreadCall, ThreadCalls, ToThread } from './thread-protocol.ts';

/**
 * The thread the ONVIF libraries live in: whatever XML a camera sends is parsed here, with bounded memory, and a thread
 * that does not come back is replaced. It opens no socket and knows no password: requests leave through the port.
 */
if (!parentPort) throw new Error('onvif-thread.ts runs in a worker thread');
const port = parentPort;
const say = (message: FromThread) => port.postMessage(message);

interface Waiting {
  resolve(reply: SoapReply): void;
  reject(error: Error): void;
}
const waiting = new Map<string, Waiting>();
const forgotten = new Error('nobody waits for this call any more');

function createDialog(id: number, { xaddr, known }: CameraPath): Dialog {
  let asks = 0;
  return {
    xaddr: new URL(xaddr),
    clockOffsetMs: known?.clockOffsetMs ?? null,
    login: true,
    ask(url, soap, action) {
      const ask = ++asks;
      return new Promise((resolve, reject) => {
        waiting.set(`${id} ${ask}`, { resolve, reject });
        const request = {
          path: `${url.pathname}${url.search}`,
          port: url.port === '' ? undefined : Number(url.port),
          soap,
          action,
          login: this.login,
          clockOffsetMs: this.clockOffsetMs,
        };
        say({ do: 'ask', id, ask, request });
      });
    },
  };
}

/** As a stranger, as the standard says; a few cameras tell the time only to users. */
async function readClock(dialog: Dialog): Promise<void> {
  const ask = dialog.ask.bind(dialog);
  let at = 0;
  let refused = false;
  dialog.ask = async (...request) => {
    const reply = await ask(...request);
    at = reply.at;
    refused = reply.status === 401 || reply.status === 403;
    return reply;
  };
  try {
    dialog.login = false;
    dialog.clockOffsetMs = offset(await deviceCalls(dialog).time(), at);
  } catch (error) {
    if (!(error instanceof OnvifError) || (error.reason !== 'serverError' && !refused)) throw error;
    dialog.login = true;
    dialog.clockOffsetMs = offset(await deviceCalls(dialog).time(), at);
  } finally {
    dialog.login = true;
    dialog.ask = ask;
  }
}

const offset = (time: number | null, at: number) => (time === null ? null : Math.round(time - at));

async function ptzOf(id: number, dialog: Dialog, { known }: CameraPath) {
  const address = known?.ptz ?? (await findPtz(id, dialog));
  const url = serviceAddress(dialog.xaddr, address);
  if (!url) throw new OnvifError('noSuchStream', 'the camera has no PTZ service');
  return ptzCalls(dialog, url);
}

async function findPtz(id: number, dialog: Dialog): Promise<string | null> {
  await readClock(dialog);
  const ptz = (await servicesOf(deviceCalls(dialog))).get(NAMESPACES.ptz) ?? null;
  say({ do: 'learned', id, known: { clockOffsetMs: dialog.clockOffsetMs, ptz } });
  return ptz;
}

type Handler<N extends ThreadCall> = (
  args: ThreadCalls[N]['args'],
  id: number,
) => Promise<ThreadCalls[N]['result']> | ThreadCalls[N]['result'];

const handlers: { [N in ThreadCall]: Handler<N> } = {
  async describe(args, id) {
    const dialog = createDialog(id, args);
    await readClock(dialog);
    const { ptzAddress, ...description } = await describeCamera(dialog);
    say({ do: 'learned', id, known: { clockOffsetMs: dialog.clockOffsetMs, ptz: ptzAddress } });
    return description;
  },
  async clockOffset(args, id) {
    const dialog = createDialog(id, args);
    await readClock(dialog);
    return dialog.clockOffsetMs;
  },
  async authenticate(args, id) {
    const dialog = createDialog(id, args);
    await readClock(dialog);
    const { model } = await deviceCalls(dialog).information();
    return { model, clockOffsetMs: dialog.clockOffsetMs };
  },
  async move(args, id) {
    const ptz = await ptzOf(id, createDialog(id, args), args);
    await ptz.move(args.profile, args.velocity, args.timeoutMs);
    return null;
  },
  async stop(args, id) {
    const ptz = await ptzOf(id, createDialog(id, args), args);
    await ptz.stop(args.profile);
    return null;
  },
  async presets(args, id) {
    const ptz = await ptzOf(id, createDialog(id, args), args);
    return ptz.presets(args.profile);
  },
  async gotoPreset(args, id) {
    const ptz = await ptzOf(id, createDialog(id, args), args);
    await ptz.gotoPreset(args.profile, args.preset);
    return null;
  },
  async reboot(args, id) {
    const dialog = createDialog(id, args);
    await readClock(dialog);
    await deviceCalls(dialog).reboot();
    return null;
  },
  async subscribe(args, id) {
    const dialog = createDialog(id, args);
    await readClock(dialog);
    return subscribe(dialog, args.lifetimeMs);
  },
  pullEvents: (args, id) => orLost(eventCalls(subscribed(id, args)).pull(args.subscription, args.waitMs)),
  renew: (args, id) => orLost(eventCalls(subscribed(id, args)).renew(args.subscription, args.lifetimeMs)),
  async unsubscribe(args, id) {
    await eventCalls(subscribed(id, args)).unsubscribe(args.subscription);
    return null;
  },
  matches: ({ xml }) => readMatches(xml),
};

/** The clock was read when the subscription was made; a pull is one request. */
function subscribed(id: number, args: CameraPath & { readonly subscription: OnvifSubscription }): Dialog {
  const dialog = createDialog(id, args);
  dialog.clockOffsetMs = args.subscription.clockOffsetMs;
  return dialog;
}

async function serve(id: number, name: ThreadCall, args: unknown): Promise<void> {
  try {
    // The pool types name and arguments together; the message loses that.
    const handler = handlers[name] as (args: unknown, id: number) => unknown;
    say({ do: 'done', id, result: await handler(args, id) });
  } catch (error) {
    if (error !== forgotten) say({ do: 'failed', id, failure: flatten(error) });
  }
}

function flatten(error: unknown): Failure {
  if (error instanceof OnvifError) return { reason: error.reason, detail: error.message };
  return { reason: null, detail: printable(error instanceof Error ? error.message : String(error)) };
}

port.on('message', (message: ToThread) => {
  if (message.do === 'ping') {
    say({ do: 'pong' });
    return;
  }
  if (message.do === 'call') {
    void serve(message.id, message.name, message.args);
    return;
  }
  if (message.do === 'forget') {
    for (const [key, each] of waiting) {
      if (!key.startsWith(`${message.id} `)) continue;
      waiting.delete(key);
      each.reject(forgotten);
    }
    return;
  }
  const key = `${message.id} ${message.ask}`;
  const each = waiting.get(key);
  waiting.delete(key);
  if (message.do === 'reply') each?.resolve(message.reply);
  else if (message.failure.reason !== null) {
    each?.reject(new OnvifError(message.failure.reason, message.failure.detail));
  }
});
say({ do: 'pong' });
