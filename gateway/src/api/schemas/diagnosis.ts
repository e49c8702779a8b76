import Type from 'typebox';
import { PICTURE_FAULTS } from '../../domain/camera-faults.ts';
import { DIAGNOSIS_TURNS } from '../../domain/diagnosis.ts';
import { Dict, Enum, List, Named, Nullable, Strict, TimeOut } from '../schema.ts';

const Code = Enum(PICTURE_FAULTS);
const Numbers = Dict(Nullable(Type.Number()));
const PictureId = Nullable(Type.String({ description: 'Id of a kept picture' }));

const Finding = Type.Object({ code: Code, value: Type.Number(), threshold: Type.Number() });

export const DiagnosisView = Named(
  'Diagnosis',
  Type.Object({
    state: List(
      Type.Object({
        code: Code,
        state: Enum(['suspected', 'confirmed']),
        since: TimeOut,
        bad: Type.Integer({ description: 'Looks that saw it' }),
        good: Type.Integer({ description: 'Looks in a row that did not, since' }),
        numbers: Numbers,
        threshold: Nullable(Type.Number()),
        picture: PictureId,
        reference: PictureId,
      }),
    ),
    last: Nullable(Type.Object({ at: TimeOut, findings: List(Finding), numbers: Numbers, picture: PictureId })),
    baseline: List(
      Type.Object({
        hour: Type.Integer({ description: '0–23, local time; -1 = the newest looks at any hour' }),
        samples: Type.Integer(),
        learnedAt: TimeOut,
      }),
    ),
    history: List(
      Type.Object({
        at: TimeOut,
        code: Code,
        turn: Enum(DIAGNOSIS_TURNS),
        numbers: Numbers,
        picture: PictureId,
        reference: PictureId,
      }),
    ),
  }),
);

export const CheckBody = Strict({
  deep: Type.Optional(Type.Boolean({ default: false, description: 'Also watch every frame for ten seconds' })),
});

export const CheckView = Named(
  'PictureCheck',
  Type.Object({
    ok: Type.Boolean(),
    reason: Type.String({ description: 'ok, the first fault of the picture, or why there was no picture' }),
    detail: Type.String(),
    at: TimeOut,
    rttMs: Type.Integer(),
    findings: List(Finding),
    picture: PictureId,
    clip: Nullable(
      Type.Object(
        { frozenMs: Type.Integer(), blackMs: Type.Integer(), watchedMs: Type.Integer() },
        { description: 'null unless `deep`, and when the camera did not show the ten seconds' },
      ),
    ),
  }),
);
