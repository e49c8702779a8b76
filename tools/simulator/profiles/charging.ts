import { type Random, round } from '../random.ts';
import { dayCurve, type Profile } from './profile.ts';

const PORTS = 10;

/** 电动自行车充电柜: ports fill in the evening; energy only grows. */
export const ebikeCharger: Profile = {
  type: 'generic/ebike-charger',
  title: '电动自行车充电柜',
  intervalS: 30,
  create(random) {
    let energyTotal = random.between(500, 9_000);
    const charging = Array.from({ length: PORTS }, () => false);
    return (hour) => {
      const wanted = dayCurve((hour + 3) % 24);
      const ports = charging.map((busy, index) => {
        const now = random.chance(0.1) ? random.chance(wanted) : busy;
        charging[index] = now;
        const current = now ? random.between(1.2, 2.6) : 0;
        return {
          no: index + 1,
          state: now ? 'charging' : 'idle',
          current: round(current, 2),
          power: round(current * 220, 0),
        };
      });
      const totalPower = ports.reduce((sum, port) => sum + port.power, 0);
      energyTotal += (totalPower * 30) / 3_600_000;
      return {
        gridVoltage: round(220 + random.noise(2)),
        totalPower,
        energyTotal: round(energyTotal, 3),
        cabinetTemp: round(24 + 8 * dayCurve(hour) + random.noise(0.5)),
        csq: Math.round(random.between(16, 28)),
        doorOpen: false,
        ports,
      };
    };
  },
};

/** 电动汽车充电桩 with two connectors; state of charge climbs while charging. */
export const evCharger: Profile = {
  type: 'generic/ev-charger',
  title: '电动汽车充电桩',
  intervalS: 30,
  create(random: Random) {
    const connectors = [1, 2].map((id) => ({ id, soc: 0, energy: random.between(100, 4_000) }));
    return (hour) => ({
      emergencyStop: false,
      connectors: connectors.map((connector) => {
        if (connector.soc <= 0 && random.chance(0.05 * dayCurve(hour))) connector.soc = random.between(10, 60);
        const busy = connector.soc > 0;
        const power = busy ? random.between(30, 60) : 0;
        connector.energy += power / 120;
        connector.soc = busy && connector.soc < 100 ? connector.soc + 0.6 : 0;
        return {
          id: connector.id,
          status: busy ? 3 : 1,
          voltage: busy ? round(random.between(380, 420)) : 0,
          current: busy ? round(power * 2.5) : 0,
          power: round(power),
          soc: Math.min(100, Math.round(connector.soc)),
          gunTemp: round(25 + (busy ? 20 : 0) + random.noise(1)),
          energy: round(connector.energy, 2),
        };
      }),
    });
  },
};
