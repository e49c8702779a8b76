import type { Clock } from '../../../adapters/adapter.ts';
import { type Actor, actorText } from '../domain/actor.ts';
import type { AuditPort } from '../domain/audit.ts';
import { formatDuration, parseDuration } from '../domain/duration.ts';
import { fieldError, parseInput, refuseIf } from '../domain/input.ts';
import { requireRight } from '../domain/permission.ts';
import { SETTINGS, type SettingName, SettingsInput, type SettingValues } from '../domain/settings.ts';
import type { Transactor, Tx } from '../domain/tx.ts';
import type { FieldError } from '../errors.ts';

export interface SettingStore {
  read(tx: Tx): Promise<Record<string, unknown>>;
  write(tx: Tx, values: Readonly<Record<string, unknown>>, by: string): Promise<void>;
}

type DurationName = { [K in SettingName]: SettingValues[K] extends string ? K : never }[SettingName];

/** The system's settings, kept in memory for the stages that ask all the time. */
export interface Settings {
  /** Reads them; at start and from time to time for other processes' changes. */
  load(tx: Tx): Promise<void>;
  /** All of them, with defaults for what nobody set. */
  current(): SettingValues;
  /** A duration setting in milliseconds. */
  ms(name: DurationName): number;
  /** How long logins last, milliseconds; `passwordMaxAgeMs` null = for ever. */
  sessionPolicy(): {
    idleMs: number;
    absoluteMs: number;
    passwordMaxAgeMs: number | null;
    totpForAdmins: boolean;
    loginHours: string;
  };
  get(actor: Actor): Promise<SettingValues>;
  /** Changes only what is named. */
  put(actor: Actor, patch: SettingsInput): Promise<SettingValues>;
}

const FALLBACKS = Object.fromEntries(
  Object.entries(SETTINGS).map(([name, { fallback }]) => [name, fallback]),
) as unknown as SettingValues;

export function createSettings(deps: {
  readonly db: Transactor;
  readonly settings: SettingStore;
  readonly audit: AuditPort;
  readonly clock: Clock;
  /** What a value names must exist, and make sense together with the others. */
  readonly check?: (tx: Tx, patch: SettingsInput) => Promise<readonly FieldError[]>;
}): Settings {
  let values = FALLBACKS;

  const load = async (tx: Tx) => {
    const stored = await deps.settings.read(tx);
    const known = Object.entries(stored).filter(([name]) => name in SETTINGS);
    values = { ...FALLBACKS, ...Object.fromEntries(known) };
  };

  const ms = (name: DurationName) => parseDuration(values[name]) ?? 0;
  return {
    load,
    current: () => values,
    ms,
    sessionPolicy: () => ({
      idleMs: ms('sessionIdle'),
      absoluteMs: ms('sessionAbsolute'),
      passwordMaxAgeMs: ms('passwordMaxAge') || null,
      totpForAdmins: values.requireTotpForAdmins,
      loginHours: values.loginHours,
    }),
    async get(actor) {
      requireRight(actor, 'settings', 'read');
      return values;
    },
    async put(actor, raw) {
      requireRight(actor, 'settings', 'update');
      const patch = parseInput(SettingsInput, raw);
      refuseIf(
        Object.entries(patch).flatMap(([name, value]) => {
          const setting = SETTINGS[name as SettingName];
          const { least } = setting;
          const ms = typeof value === 'string' ? (parseDuration(value) ?? 0) : least;
          if (ms >= least || (ms === 0 && 'orNever' in setting)) return [];
          return [fieldError(`/${name}`, 'duration', 'input.duration', { min: formatDuration(least) })];
        }),
      );
      const before = values;
      await deps.db.transaction(async (tx) => {
        refuseIf((await deps.check?.(tx, patch)) ?? []);
        await deps.settings.write(tx, patch, actorText(actor));
        await deps.audit.append(tx, [
          {
            at: deps.clock.now(),
            actor,
            action: 'update',
            resource: 'settings',
            resourceId: null,
            before: Object.fromEntries(Object.keys(patch).map((name) => [name, before[name as SettingName]])),
            after: patch,
          },
        ]);
      });
      await load(deps.db.autocommit);
      return values;
    },
  };
}
