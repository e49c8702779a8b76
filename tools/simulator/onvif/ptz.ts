import { type Actions, escapeXml, SoapFault, type SoapRequest } from './soap.ts';

/** Pan and tilt −1 … 1, zoom 0 … 1. */
export interface PtzPosition {
  readonly pan: number;
  readonly tilt: number;
  readonly zoom: number;
}

export interface SimulatedPtz {
  /** Where the camera looks now; a running move counts up to this moment. */
  position(): PtzPosition;
  readonly moving: boolean;
  /** Every move, stop and preset that was asked for, as `move 0.5,0,0`, `stop` and `preset 2`. */
  readonly asked: readonly string[];
  readonly actions: Actions;
}

const PRESETS: Readonly<Record<string, { name: string; at: PtzPosition }>> = {
  '1': { name: '路口', at: { pan: 0.5, tilt: -0.2, zoom: 0.3 } },
  '2': { name: '小区大门', at: { pan: -0.75, tilt: 0.1, zoom: 0 } },
};
const DEFAULT_MOVE_MS = 5_000;

/** A head that turns with the velocity of a move until it is stopped or the time of the move is over. */
export function createPtz(exists: (profile: string) => boolean): SimulatedPtz {
  const asked: string[] = [];
  let position: PtzPosition = { pan: 0, tilt: 0, zoom: 0 };
  let move: { velocity: PtzPosition; from: number; until: number } | undefined;

  const settle = (): PtzPosition => {
    if (!move) return position;
    const now = Date.now();
    const seconds = Math.max(0, Math.min(now, move.until) - move.from) / 1_000;
    position = {
      pan: limit(position.pan + move.velocity.pan * seconds, -1),
      tilt: limit(position.tilt + move.velocity.tilt * seconds, -1),
      zoom: limit(position.zoom + move.velocity.zoom * seconds, 0),
    };
    move = now < move.until ? { ...move, from: now } : undefined;
    return position;
  };
  const check = (request: SoapRequest) => {
    if (!exists(request.field('ProfileToken'))) throw new SoapFault(400, 'Sender', 'NoProfile', 'No such profile');
  };
  const number = (text: string | undefined) => Number(text ?? 0) || 0;

  return {
    asked,
    position: settle,
    get moving() {
      settle();
      return move !== undefined;
    },
    actions: {
      ContinuousMove(request) {
        check(request);
        const { x, y } = request.attributes('PanTilt');
        const velocity = { pan: number(x), tilt: number(y), zoom: number(request.attributes('Zoom').x) };
        const wanted = /^PT(?:(\d+)M)?(?:([\d.]+)S)?$/.exec(request.field('Timeout'));
        const ms = wanted ? number(wanted[1]) * 60_000 + number(wanted[2]) * 1_000 : DEFAULT_MOVE_MS;
        settle();
        asked.push(`move ${velocity.pan},${velocity.tilt},${velocity.zoom}`);
        move = { velocity, from: Date.now(), until: Date.now() + ms };
        return '';
      },
      Stop(request) {
        check(request);
        settle();
        move = undefined;
        asked.push('stop');
        return '';
      },
      GetPresets(request) {
        check(request);
        return Object.entries(PRESETS)
          .map(([token, { name, at }]) => {
            const where = `<tt:PanTilt x="${at.pan}" y="${at.tilt}"/><tt:Zoom x="${at.zoom}"/>`;
            return `<s:Preset token="${token}"><tt:Name>${escapeXml(name)}</tt:Name><tt:PTZPosition>${where}</tt:PTZPosition></s:Preset>`;
          })
          .join('');
      },
      GotoPreset(request) {
        check(request);
        const token = request.field('PresetToken');
        const preset = PRESETS[token];
        if (!preset) throw new SoapFault(400, 'Sender', 'NoToken', 'No such preset');
        asked.push(`preset ${token}`);
        move = undefined;
        position = preset.at;
        return '';
      },
      GetStatus(request) {
        check(request);
        const { pan, tilt, zoom } = settle();
        const state = move ? 'MOVING' : 'IDLE';
        return `<s:PTZStatus><tt:Position><tt:PanTilt x="${pan}" y="${tilt}"/><tt:Zoom x="${zoom}"/></tt:Position><tt:MoveStatus><tt:PanTilt>${state}</tt:PanTilt><tt:Zoom>${state}</tt:Zoom></tt:MoveStatus><tt:UtcTime>${new Date().toISOString()}</tt:UtcTime></s:PTZStatus>`;
      },
      GetNodes: () =>
        '<s:PTZNode token="node_1" FixedHomePosition="true"><tt:Name>node_1</tt:Name><tt:MaximumNumberOfPresets>8</tt:MaximumNumberOfPresets><tt:HomeSupported>false</tt:HomeSupported></s:PTZNode>',
      GetConfigurations: () =>
        '<s:PTZConfiguration token="ptz_1"><tt:Name>ptz_1</tt:Name><tt:UseCount>2</tt:UseCount><tt:NodeToken>node_1</tt:NodeToken></s:PTZConfiguration>',
    },
  };
}

const limit = (value: number, low: number) => Math.min(1, Math.max(low, value));
