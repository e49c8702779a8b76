import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from '../../../adapters/adapter.ts';
import { withAuditTrail } from '../domain/audit-trail.ts';
import { isGatewayError } from '../errors.ts';
import type { AuditDoorPort } from './ports/audit.ts';
import type { Route } from './route.ts';

/** Writing methods that change nothing of anybody's, by operation, and why they leave no entry. */
export const NOTHING_TO_PROVE: Readonly<Record<string, string>> = {
  decodePayload: 'a dry run: nothing is stored',
  testNotificationRules: 'a dry run: nothing is sent',
  previewMaintenanceWindow: 'a question: nothing is stored',
  previewSilence: 'a question: nothing is stored',
  previewSecurityPeriod: 'a question: nothing is stored',
  previewDrill: 'a question: nothing is stored',
  previewAlarmRule: 'a question: nothing is stored',
  decodeWithSource: 'a dry run: nothing is stored',
  checkDeviceType: 'a dry run: nothing is stored',
  checkDuplicate: 'a question: nothing is stored',
  composeNationalCode: 'a calculation: nothing is stored',
  closeLive: 'the view is in the audit since it was opened; its end and bytes are in 调阅登记',
  renewLive: 'the view itself is in the audit and in 调阅登记; the player renews it twice a minute',
};

/** Refusals that say a caller reached for what is not theirs. */
const DENIALS = new Set(['FORBIDDEN', 'NOT_FOUND', 'SCOPE_NOT_GRANTED']);

/**
 * What has to be proven at the door whatever the route: refusals of callers we know, and writes whose stage wrote no entry
 * of its own. The latter is a net under the stages, not a replacement: its entry says only who called what.
 */
export function addProof(app: FastifyInstance, deps: { readonly door: AuditDoorPort; readonly log: Logger }): void {
  const { door, log } = deps;
  const trails = new WeakMap<FastifyRequest, { entries: number }>();

  // The handler runs in the continuation of this hook, and with it everything the handler starts.
  app.addHook('preHandler', (request, _reply, done) => {
    if (request.method === 'GET' || !request.caller) return done();
    const trail = { entries: 0 };
    trails.set(request, trail);
    withAuditTrail(trail, done);
  });

  app.addHook('onSend', async (request, reply, payload) => {
    const { definition } = request.routeOptions.config ?? {};
    const { caller } = request;
    const replayed = reply.getHeader('idempotent-replay') !== undefined;
    if (!caller || !definition || trails.get(request)?.entries !== 0 || reply.statusCode >= 300 || replayed)
      return payload;
    trails.delete(request);
    if (definition.operationId in NOTHING_TO_PROVE) return payload;
    const what = `${definition.method} ${definition.url}`;
    log.warn({ operation: definition.operationId }, 'a write left no audit entry of its own');
    await door.unproven({ actor: caller, what, resource: resourceOf(definition), target: targetOf(request) });
    return payload;
  });

  app.addHook('onError', async (request, _reply, error) => {
    const { definition } = request.routeOptions.config ?? {};
    const { caller } = request;
    if (!caller || !definition || !isGatewayError(error) || !DENIALS.has(error.code)) return;
    const target = targetOf(request);
    // What is missing on a route without an id was named in the body and is no object reached for.
    if (error.code === 'NOT_FOUND' && target === null) return;
    const what = `${definition.method} ${definition.url}`;
    door.denied({ actor: caller, what, resource: resourceOf(definition), target, reason: error.code });
  });
}

function resourceOf(definition: Route): string {
  const [resource = definition.tag] = definition.access.split(':');
  return resource === 'login' || resource === 'public' ? definition.tag : resource;
}

function targetOf(request: FastifyRequest): string | null {
  const [first] = Object.entries((request.params ?? {}) as Record<string, unknown>);
  if (first === undefined) return null;
  // A link that opens something by itself is a secret, and the audit keeps none.
  return first[0] === 'token' ? '…' : String(first[1]);
}
