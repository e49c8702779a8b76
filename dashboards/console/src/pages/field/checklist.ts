/** What is looked at on site, by fault, else by module; words below `field.check.`. */
const LENS = ['lens', 'plants', 'direction', 'light'];
const BY_FAULT: Readonly<Record<string, readonly string[]>> = {
  offline: ['power', 'cable', 'network', 'reboot', 'config'],
  stale: ['power', 'network', 'config', 'report'],
  flapping: ['power', 'cable', 'network', 'bracket'],
  noFrames: ['power', 'cable', 'network', 'reboot'],
  noSignal: ['power', 'cable', 'lens', 'reboot'],
  black: ['lens', 'light', 'power'],
  tooBright: LENS,
  blurred: LENS,
  noise: ['power', 'cable', 'lens'],
  covered: LENS,
  colourCast: ['lens', 'light', 'config'],
  sceneShifted: ['direction', 'bracket'],
  frozen: ['reboot', 'cable'],
  clockWrong: ['clock', 'config'],
  storageFailure: ['disk', 'power'],
};
const BY_MODULE: Readonly<Record<string, readonly string[]>> = {
  video: ['power', 'cable', ...LENS],
  parking: ['power', 'cable', ...LENS],
  charging: ['powerOff', 'socket', 'breaker', 'meter', 'fire'],
  garbage: ['power', 'door', 'sensor', 'drain'],
};
const ANY = ['power', 'cable', 'config'];

export function checklist(fault: string, module: string | null): readonly string[] {
  const safety = module === 'charging' ? ['powerOff'] : [];
  const own = BY_FAULT[fault] ?? BY_MODULE[module ?? ''] ?? ANY;
  return [...new Set([...safety, ...own, 'site'])];
}
