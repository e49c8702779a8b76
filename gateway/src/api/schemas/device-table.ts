import Type from 'typebox';
import { List, Named, Nullable, Secret, TimeOut } from '../schema.ts';

const FileLinkView = (what: string) => Nullable(Type.Unsafe<string>({ ...Secret(what), type: 'string' }));

export const ImportErrorView = Named(
  'ImportError',
  Type.Object({
    row: Type.Integer({ description: 'Data row, 1 = first; 0 = the header' }),
    sheetRow: Type.Optional(Type.Integer({ description: 'Row of the spreadsheet or line of the CSV file' })),
    columnLetter: Type.Optional(Type.String({ examples: ['C'] })),
    header: Type.Optional(Type.String()),
    path: Type.String({ description: 'Field of the device' }),
    value: Type.Optional(Type.String({ description: 'What stands there; never a password' })),
    code: Type.String(),
    message: Type.String({ description: 'The rule and the remedy' }),
  }),
);

const counts = {
  created: Type.Integer(),
  updated: Type.Integer(),
  unchanged: Type.Integer(),
  errors: List(ImportErrorView),
  errorCount: Type.Integer({ description: 'All of them; at most 1,000 are listed' }),
  warnings: List(ImportErrorView),
  warningCount: Type.Integer({
    description: 'Rows that are taken all the same: odd places, marks that others carry; as errors',
  }),
  credentialsFile: FileLinkView('Where the secrets of new devices can be fetched, once, within 24 h, by the caller'),
  errorsFile: FileLinkView('The upload with a column that says what is wrong; 24 h, the caller only'),
  filesExpireAt: Type.Optional(TimeOut),
};

export const ImportView = Named('ImportResult', Type.Object(counts));

/** 200 = done, 202 = the id of a job only. */
export const ImportAnswer = Named(
  'ImportAnswer',
  Type.Object({
    jobId: Type.Optional(Type.String()),
    ...(Object.fromEntries(Object.entries(counts).map(([name, schema]) => [name, Type.Optional(schema)])) as {
      [K in keyof typeof counts]: ReturnType<typeof Type.Optional<(typeof counts)[K]>>;
    }),
  }),
);

export const ImportJobView = Named(
  'ImportJob',
  Type.Object({
    id: Type.String(),
    state: Type.String({
      enum: ['waiting', 'running', 'done', 'failed', 'interrupted'],
      description: '`interrupted`: the gateway stopped in the middle and nothing was written',
    }),
    phase: Type.String({ enum: ['waiting', 'reading', 'checking', 'writing', 'refreshing', 'done'] }),
    done: Type.Integer({ description: 'Rows of this phase' }),
    total: Type.Integer({ description: '0 while it is not known' }),
    createdAt: TimeOut,
    result: Nullable(ImportView),
    problem: Nullable(Type.Object({ code: Type.String(), detail: Type.String() })),
  }),
);
