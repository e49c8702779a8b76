import Type from 'typebox';
import { SEVERITIES } from '../../domain/reading.ts';
import { Anything, Dict, Enum, List, Named, Strict, TimeOut, Title } from '../schema.ts';

const Text = Type.String();
export const DeviceTypeView = Named(
  'DeviceType',
  Type.Object({ id: Text, title: Title, module: Text, adapter: Text, builtIn: Type.Boolean() }),
);
export const DeviceTypeDetail = Named(
  'DeviceTypeDetail',
  Type.Object({ ...DeviceTypeView.properties, definition: Anything }),
);
export const DecodeBody = Strict({
  topic: Type.String({ minLength: 1, maxLength: 1_000 }),
  payload: Anything,
  payloadEncoding: Type.Optional(Enum(['json', 'text', 'base64', 'hex'], { default: 'json' })),
});
export const DecodeResult = Named(
  'DecodeResult',
  Type.Object({
    readings: Dict(Anything),
    events: List(
      Type.Object({
        code: Text,
        component: Type.Optional(Text),
        severity: Enum(SEVERITIES),
        lifeSafety: Type.Boolean(),
        time: Type.Optional(TimeOut),
        data: Type.Optional(Anything),
      }),
    ),
    refused: List(Type.Object({ code: Text, path: Type.Optional(Text), detail: Text })),
  }),
);
