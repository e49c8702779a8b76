import { round } from '../random.ts';
import { dayCurve, type Profile } from './profile.ts';

const KINDS = ['干', '湿', '可回收', '有害'];

/** 垃圾厢房: bins fill with the day and are emptied when full. */
export const garbageRoom: Profile = {
  type: 'generic/garbage-room',
  title: '垃圾厢房',
  intervalS: 60,
  create(random) {
    const bins = KINDS.map((kind, index) => ({ no: index + 1, kind, level: random.between(5, 60) }));
    return (hour) => ({
      bins: bins.map((bin) => {
        bin.level += random.between(0, 1.5) * dayCurve(hour);
        if (bin.level > 78) bin.level = 3;
        return {
          no: bin.no,
          kind: bin.kind,
          fillLevel: round(bin.level),
          weight: round(bin.level * 1.1),
          lidOpen: random.chance(0.05),
        };
      }),
      nh3: round(0.3 + 0.4 * dayCurve(hour) + Math.abs(random.noise(0.05)), 2),
      h2s: round(0.01 + 0.01 * dayCurve(hour), 3),
      temperature: round(18 + 10 * dayCurve(hour) + random.noise(0.3)),
      humidity: round(60 + random.noise(4)),
      smoke: false,
      doorOpen: false,
      fanOn: true,
    });
  },
};

export const smokeDetector: Profile = {
  type: 'generic/smoke-detector',
  title: '烟感探测器',
  intervalS: 60,
  create(random) {
    let battery = random.between(60, 100);
    return () => {
      battery -= 0.001;
      return { alarm: false, batteryPct: round(battery), fault: false };
    };
  },
};

export const parkingGate: Profile = {
  type: 'generic/parking-gate',
  title: '停车场道闸',
  intervalS: 30,
  create(random) {
    return () => ({ lastEvent: random.chance(0.5) ? 'in' : 'out', gateState: 'closed' });
  },
};
