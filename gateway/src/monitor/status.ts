import { type FrozenPath, OWN_PATH_BROKEN } from './grouping/own-path.ts';

/** A path whose devices are not judged now. Epoch milliseconds. */
export interface SilentPath {
  readonly path: string;
  /** `frozen` = devices fell silent because of us; `blind` = the path cannot hear. */
  readonly state: 'frozen' | 'blind';
  readonly reasons: readonly string[];
  readonly since: number;
  /** When a frozen path is judged again at the latest; null = when it can hear. */
  readonly until: number | null;
}

export interface MonitorStatus {
  readonly state: 'ready' | 'degraded';
  readonly reason: 'ok' | 'FROZEN' | 'BLIND' | 'NOT_JUDGED' | 'NOT_SAVED';
  readonly paths: readonly SilentPath[];
  /** Why some devices cannot be judged, or last-seen times not saved; null = neither. */
  readonly trouble: string | null;
}

/** A path that nobody has opened yet is not missed: its own part says whether it comes up. */
const NOT_OPENED = 'notConnected';

export function statusOf(
  frozen: readonly FrozenPath[],
  blind: readonly { readonly path: string; readonly reasons: readonly string[]; readonly since: number }[],
  unsaved: string | null,
  unjudged: string | null = null,
): MonitorStatus {
  const paths: SilentPath[] = frozen.map(({ path, since, until }) => ({
    path,
    state: 'frozen',
    reasons: [OWN_PATH_BROKEN],
    since,
    until,
  }));
  for (const { path, reasons, since } of blind) {
    const said = reasons.filter((reason) => reason !== NOT_OPENED && reason !== OWN_PATH_BROKEN);
    if (said.length > 0) paths.push({ path, state: 'blind', reasons: said, since, until: null });
  }
  const troubled = unjudged !== null ? 'NOT_JUDGED' : unsaved !== null ? 'NOT_SAVED' : 'ok';
  const reason = frozen.length > 0 ? 'FROZEN' : paths.length > 0 ? 'BLIND' : troubled;
  return { state: reason === 'ok' ? 'ready' : 'degraded', reason, paths, trouble: unjudged ?? unsaved };
}
