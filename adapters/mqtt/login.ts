import { type AdapterContext, AdapterError, type Principal } from '../adapter.ts';
import type { MqttConfig } from './config.ts';
import { isCleanText, isTopicName, type Session } from './session.ts';
import type { MqttStats } from './stats.ts';

/** CONNACK return codes of MQTT 3.1.1, table 3.1. */
export const CONNACK = { identifierRejected: 2, unavailable: 3, badLogin: 4, notAuthorized: 5 } as const;

/** A refused login; `returnCode` is what aedes puts into CONNACK. */
class LoginRefused extends Error {
  readonly returnCode: number;
  constructor(returnCode: number, message: string) {
    super(message);
    this.returnCode = returnCode;
  }
}

/**
 * Who connects, or why not. Fails closed: what cannot be checked in time is refused as unavailable, so that the device tries again.
 * @throws an error whose `returnCode` says what CONNACK answers.
 */
export async function logIn(
  session: Session,
  deps: { config: MqttConfig; ctx: AdapterContext; stats: MqttStats },
): Promise<Principal> {
  const { config, ctx, stats } = deps;
  const { password } = session;
  session.password = undefined;
  const refuse = (returnCode: number, reason: string): never => {
    stats.loginsRefused += 1;
    ctx.log.info({ username: session.username.slice(0, 100), address: session.address, reason }, 'mqtt login refused');
    throw new LoginRefused(returnCode, reason);
  };
  if (session.clientId.length > config.maxClientIdLength || !isCleanText(session.clientId)) {
    refuse(CONNACK.identifierRejected, 'client id refused');
  }
  // [MQTT-3.1.3-8]: without a client id only a clean session can be asked for.
  if (session.clientId === '' && session.askedForSession) refuse(CONNACK.identifierRejected, 'client id missing');
  if (session.username === '' || password === undefined || password.length === 0) {
    refuse(CONNACK.notAuthorized, 'user name or password missing');
  }
  const answer = await ask(session, password ?? Buffer.alloc(0), deps).catch((error: unknown) => {
    stats.loginsFailed += 1;
    ctx.log.error({ error, address: session.address }, 'mqtt login could not be checked');
    throw new LoginRefused(CONNACK.unavailable, 'login could not be checked');
  });
  if ('refused' in answer) {
    if (answer.refused === 'UNAVAILABLE') return refuse(CONNACK.unavailable, answer.refused);
    return refuse(answer.refused === 'BAD_CREDENTIALS' ? CONNACK.badLogin : CONNACK.notAuthorized, answer.refused);
  }
  const { will } = session;
  if (will && (!isTopicName(will.topic) || !ctx.authorize(answer, 'publish', will.topic))) {
    stats.topicsRefused += 1;
    refuse(CONNACK.notAuthorized, 'no right to the topic of the will');
  }
  if (will && will.payload.length > config.maxMessageBytes) refuse(CONNACK.notAuthorized, 'the will is too large');
  return answer;
}

async function ask(session: Session, password: Buffer, { config, ctx }: { config: MqttConfig; ctx: AdapterContext }) {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new AdapterError('LOGIN_TIMEOUT', 'the login check took too long', { retry: true })),
      config.authenticateTimeoutMs,
    );
  });
  try {
    const credentials = {
      username: session.username,
      password: password.toString('utf8'),
      clientId: session.clientId,
      remoteAddress: session.address,
    };
    return await Promise.race([ctx.authenticate(credentials), late]);
  } finally {
    clearTimeout(timer);
  }
}
