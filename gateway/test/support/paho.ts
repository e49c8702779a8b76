import { spawnSync } from 'node:child_process';

/** Debian's Python, for which the package python3-paho-mqtt is; another Python on the path may lack it. */
export const PYTHON = '/usr/bin/python3';

export const pahoAvailable = (): boolean =>
  spawnSync(PYTHON, ['-c', 'import paho.mqtt.client'], { stdio: 'ignore' }).status === 0;
