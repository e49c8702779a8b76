import Type from 'typebox';
import { HEALTH_STATES } from '../../domain/health.ts';
import { Enum, List, Named, Nullable, TimeOut } from '../schema.ts';

const Spans = (description: string) =>
  Type.Unsafe<readonly { readonly from: number; readonly to: number }[]>({
    type: 'array',
    description,
    items: Type.Object({ from: TimeOut, to: TimeOut }),
  });

export const HeartbeatsView = Named(
  'Heartbeats',
  Type.Object({
    from: TimeOut,
    to: TimeOut,
    items: List(
      Type.Object({
        id: Type.String(),
        since: Type.Unsafe<number>({ ...TimeOut, description: 'When it was registered, or `from` if that was before' }),
        runs: Type.Unsafe<readonly { readonly at: number; readonly state: (typeof HEALTH_STATES)[number] }[]>({
          type: 'array',
          description: 'From `at` on it was in `state`; the first begins with the period, neighbours differ',
          items: Type.Object({ at: TimeOut, state: Enum(HEALTH_STATES) }),
        }),
        blind: Spans('The gateway heard nobody on its path: nothing is known of the device'),
        maintenance: Spans('Approved maintenance'),
        outages: Spans('It was one of many that went away for one cause'),
        onlineRate: Nullable(
          Type.Number({
            description: '在线率 of the period, 0 to 1, as reports count it; null = nothing was expected',
          }),
        ),
        offlineTimes: Type.Integer({ description: 'How often it was offline, outside of blindness and maintenance' }),
        tickets: List(Type.Object({ id: Type.String(), no: Type.String(), stage: Type.String() })),
      }),
    ),
  }),
);
