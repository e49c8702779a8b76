import { type Static, Type } from 'typebox';
import { text } from '../messages/index.ts';
import type { Actor } from './actor.ts';
import type { AuditEntry } from './audit.ts';
import { createZonedTime } from './zoned-time.ts';

/** Why a file leaves: 2 to 200 characters of one line. */
export const ExportPurpose = Type.String({ minLength: 2, maxLength: 200, pattern: '^\\s*\\S.*\\S\\s*$' });

/** What every export asks for besides its own filters. */
export const ExportInput = Type.Object({ purpose: ExportPurpose }, { additionalProperties: false });
export type ExportInput = Static<typeof ExportInput>;

/** One file that leaves. */
export interface ExportFacts {
  /** Name of who takes it, as people know it, e.g. `王芳（wangfang）`. */
  readonly user: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly purpose: string;
  /** Records in the file, without headers and without the mark. */
  readonly rows: number;
}

/** The lines a file carries, Chinese first: who, when with offset, what for, how many. `zone` is an IANA time zone. */
export function exportMark(facts: ExportFacts, zone: string): readonly [zh: string, en: string] {
  const values = {
    // One line each, whatever a name or purpose holds: a mark must not look like a record of the file.
    user: oneLine(facts.user),
    purpose: oneLine(facts.purpose),
    at: createZonedTime(zone)(facts.at),
    rows: facts.rows,
  };
  return [text('zh-CN', 'export.mark', values), text('en', 'export.mark', values)];
}

/** Who takes a file, for its mark. */
export function exporterName(actor: Actor): string {
  return actor.name === actor.id ? actor.name : `${actor.name}（${actor.id}）`;
}

/** The audit entry of an export; append it before the first byte leaves. */
export function exportEntry(
  actor: Actor,
  facts: {
    readonly at: number;
    /** What was exported, e.g. `devices`. */
    readonly resource: string;
    /** One object's id when the file is about one object. */
    readonly resourceId?: string | null;
    readonly purpose: string;
    /** The filter as it was asked for. */
    readonly filter: unknown;
    readonly rows: number;
    /** `csv`, `xlsx`, `pdf`, … */
    readonly format: string;
  },
): AuditEntry {
  const { at, resource, resourceId = null, purpose, filter, rows, format } = facts;
  return {
    at,
    actor,
    action: 'export',
    resource,
    resourceId,
    reason: oneLine(purpose),
    after: { filter, rows, format },
  };
}

function oneLine(value: string): string {
  return value.replace(/\s+/g, ' ').trim();
}
