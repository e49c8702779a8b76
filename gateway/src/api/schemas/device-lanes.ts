import Type from 'typebox';
import { HEALTH_STATES } from '../../domain/health.ts';
import { TICKET_STAGES } from '../../domain/ticket.ts';
import { Enum, List, Named, Nullable, TimeOut } from '../schema.ts';

const Text = Type.String();
const open = { from: TimeOut, to: Nullable(TimeOut) };

export const DeviceLanesView = Named(
  'DeviceLanes',
  Type.Object({
    deviceId: Text,
    from: TimeOut,
    to: TimeOut,
    health: List(Type.Object({ from: TimeOut, to: TimeOut, state: Enum(HEALTH_STATES), reason: Text })),
    coarse: Type.Boolean({ description: 'So many turns that the shortest were joined, as the worse of both' }),
    incidents: List(
      Type.Object({
        id: Text,
        kind: Enum(['device', 'group']),
        fault: Text,
        component: Nullable(Text),
        reason: Text,
        ...open,
        suppressed: List(Text),
        metrics: Type.Unsafe<readonly string[]>({
          type: 'array',
          items: { type: 'string' },
          description: 'Of `stale`: metrics without a new value',
        }),
      }),
    ),
    tickets: List(Type.Object({ id: Text, no: Text, stage: Enum(TICKET_STAGES), ...open })),
    quiet: List(
      Type.Object({ id: Text, kind: Enum(['maintenance', 'silence']), name: Text, from: TimeOut, to: TimeOut }),
    ),
    blind: Type.Unsafe<readonly { readonly from: number; readonly to: number | null }[]>({
      type: 'array',
      items: Type.Object(open),
      description: 'When the gateway itself could not hear',
    }),
  }),
);
