import Type from 'typebox';
import { HEALTH_STATES } from '../../domain/health.ts';
import { TICKET_STAGES } from '../../domain/ticket.ts';
import { Enum, List, Named, Nullable, TimeOut } from '../schema.ts';

const counts = (names: readonly string[]) =>
  Type.Unsafe<Readonly<Record<string, number>>>({
    type: 'object',
    additionalProperties: { type: 'integer' },
    examples: [Object.fromEntries(names.map((name) => [name, 0]))],
  });
export const OverviewView = Named(
  'Overview',
  Type.Object({
    at: TimeOut,
    devices: Type.Object({
      total: Type.Integer(),
      byState: counts(HEALTH_STATES),
      byLifecycle: counts([]),
      heard: Type.Unsafe<Readonly<Record<string, number>>>({
        ...counts(['minutes5', 'hour', 'day', 'older', 'never']),
        description:
          'Devices that are judged, by when they were last heard of: within 5 minutes, an hour, a day, longer ago, never',
      }),
    }),
    messages: Nullable(
      Type.Object(
        {
          received: Type.Integer(),
          recovered: Type.Integer(),
          stored: Type.Integer(),
          duplicate: Type.Integer(),
          rejected: Type.Integer(),
          quarantined: Type.Integer(),
          spooled: Type.Integer(),
        },
        {
          description:
            'received + recovered = stored + duplicate + rejected + quarantined + spooled; null for callers who see a part only',
        },
      ),
    ),
    tickets: Type.Object({
      open: Type.Integer(),
      byStage: counts(TICKET_STAGES),
      overdueByStage: counts(TICKET_STAGES),
    }),
    incidents: Type.Object({ open: Type.Integer() }),
    security: List(
      Type.Object(
        { id: Type.String(), name: Type.String(), startsAt: TimeOut, endsAt: TimeOut },
        { description: '重保 that goes on now' },
      ),
    ),
    judgement: Type.Object(
      {
        state: Enum(['ready', 'degraded']),
        reason: Type.String({ description: 'ok, FROZEN, BLIND, NOT_JUDGED, NOT_SAVED or NO_LEADER' }),
        paths: List(
          Type.Object({
            path: Type.String(),
            state: Enum(['frozen', 'blind']),
            reasons: List(Type.String()),
            since: TimeOut,
            until: Nullable(TimeOut),
          }),
        ),
      },
      {
        description:
          'Whether devices are judged now. `frozen`: many fell silent because our own part of their path is broken; nobody is judged until it is sound, or `until`. `blind`: the path cannot hear.',
      },
    ),
  }),
);
