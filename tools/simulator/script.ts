import { setTimeout as sleep } from 'node:timers/promises';
import type { Street } from './street.ts';

/** One thing that goes wrong (or right again) in the street. */
export interface Scene {
  /** Seconds after the street is ready. */
  readonly at: number;
  /** Shown on the screen as it happens. */
  readonly what: string;
  readonly run: (street: Street, signal: AbortSignal) => Promise<void> | void;
}

/** A day of faults in less than two minutes. A cover is known only by comparison, so that camera is looked at a few times before. */
export const DEMO_SCRIPT: readonly Scene[] = [
  { at: 6, what: 'ebike-01 断电 (power lost)', run: (street) => street.device('ebike-01').powerOff() },
  {
    at: 7,
    what: 'garbage-05 发送错误数据 (sends a wrong payload)',
    run: (street) => street.device('garbage-05').send({ metrics: { nh3: 'very bad', temperature: -900 } }),
  },
  { at: 8, what: 'camera-03 端口关闭 (port closed)', run: (street) => street.camera('camera-03').fault('refuse') },
  { at: 9, what: 'camera-05 无响应 (hangs)', run: (street) => street.camera('camera-05').fault('hang') },
  {
    at: 10,
    what: 'camera-07 密码被改 (password changed)',
    run: (street) => street.camera('camera-07').fault('unauthorized'),
  },
  {
    at: 11,
    what: 'garbage-02 在线但不再上报 (silent sensor in a live device)',
    run: (street) => street.device('garbage-02').silence(),
  },
  {
    at: 12,
    what: 'smoke-02 烟雾报警 (smoke)',
    run: (street) => street.device('smoke-02').send({ ts: Date.now(), code: 'smoke', severity: 'critical' }, 'event'),
  },
  { at: 14, what: 'ebike-04 重复发送 (duplicates)', run: (street) => street.device('ebike-04').duplicate() },
  { at: 15, what: 'ebike-06 补报一小时前的数据 (late data)', run: (street) => street.device('ebike-06').backlog(20) },
  {
    at: 16,
    what: 'ev-02 电流过大 (over-current)',
    run: (street) => street.device('ev-02').override({ connectors: [{ id: 1, status: 3, gunTemp: 120 }] }),
  },
  { at: 18, what: 'ebike-08 反复上下线 (flapping)', run: (street, signal) => flap(street, 'ebike-08', 4, signal) },
  { at: 20, what: 'camera-09 变黑 (goes black)', run: (street) => street.camera('camera-09').picture('black') },
  { at: 22, what: 'camera-11 画面冻结 (freezes)', run: (street) => street.camera('camera-11').picture('frozen') },
  { at: 34, what: 'camera-12 通道丢失 (channel gone)', run: (street) => street.camera('camera-12').fault('notFound') },
  { at: 42, what: 'ebike-01 恢复供电 (power back)', run: (street) => street.device('ebike-01').powerOn() },
  { at: 44, what: 'camera-03 恢复 (back)', run: (street) => street.camera('camera-03').fault('none') },
  { at: 46, what: 'garbage-02 恢复上报 (reports again)', run: (street) => street.device('garbage-02').powerOn() },
  { at: 50, what: 'ev-02 恢复正常 (normal again)', run: (street) => street.device('ev-02').override(undefined) },
  { at: 60, what: 'camera-07 密码改回 (password restored)', run: (street) => street.camera('camera-07').fault('none') },
  {
    at: 62,
    what: 'camera-14 镜头被遮挡 (lens covered)',
    run: (street) => street.camera('camera-14').picture('covered'),
  },
  { at: 70, what: 'camera-09 画面恢复 (picture back)', run: (street) => street.camera('camera-09').picture('good') },
  { at: 72, what: 'camera-11 画面恢复 (picture back)', run: (street) => street.camera('camera-11').picture('good') },
  { at: 104, what: 'camera-14 遮挡清除 (lens cleared)', run: (street) => street.camera('camera-14').picture('good') },
];

async function flap(street: Street, id: string, times: number, signal: AbortSignal): Promise<void> {
  for (let i = 0; i < times; i++) {
    street.device(id).powerOff();
    await sleep(2_000, undefined, { signal });
    await street.device(id).powerOn();
    await sleep(3_000, undefined, { signal });
  }
}

/** Plays the scenes; a longer demo plays them again every two minutes. Returns a function that stops it. */
export function play(street: Street, scenes: readonly Scene[], say: (what: string) => void, repeatS = 120): () => void {
  const timers: NodeJS.Timeout[] = [];
  const ending = new AbortController();
  const once = () => {
    timers.length = 0;
    for (const scene of scenes) {
      timers.push(
        setTimeout(async () => {
          say(scene.what);
          try {
            await scene.run(street, ending.signal);
          } catch (error) {
            if (!ending.signal.aborted) say(`${scene.what}: ${String(error)}`);
          }
        }, scene.at * 1_000),
      );
    }
    timers.push(setTimeout(once, repeatS * 1_000));
  };
  once();
  return () => {
    ending.abort();
    for (const timer of timers) clearTimeout(timer);
  };
}
