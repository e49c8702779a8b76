import type { PictureFault } from '../../gateway/src/domain/camera-faults.ts';

/** One way a camera can look, as a filter over its scene. */
export interface Variant {
  readonly name: string;
  /** null = nothing is wrong. */
  readonly fault: PictureFault | null;
  /** Also to be found without a reference. */
  readonly alone?: boolean;
  readonly filter?: string;
  /** Part of the scene the camera sees, in shares of what there is to see beside its window. */
  readonly window?: { readonly x: number; readonly y: number };
  /** Nothing moves, not even the sensor's noise; `clock` still runs. */
  readonly still?: 'all' | 'clock';
  /** Sees another scene altogether. */
  readonly elsewhere?: true;
}

const light = (gain: number, lift: number) => `lutyuv=y='clip(16+(val-16)*${gain}+${lift}\\,16\\,235)'`;
const cast = (u: number, v: number) => `lutyuv=u='clip(val+${u}\\,16\\,240)':v='clip(val+${v}\\,16\\,240)'`;
const sheet = (w: string, tone: string) => `drawbox=x=0:y=0:w=${w}:h=ih:color=${tone}:t=fill`;

/** What a reference is learned from: the same hour on other days. */
export const USUAL: readonly Variant[] = [
  { name: 'usual', fault: null },
  { name: 'brighter', fault: null, filter: light(1.05, 4) },
  { name: 'duller', fault: null, filter: light(0.92, 2) },
  { name: 'usual again', fault: null },
];

export const VARIANTS: readonly Variant[] = [
  { name: 'good', fault: null },
  { name: 'overcast', fault: null, filter: light(0.85, 4) },
  { name: 'sunny', fault: null, filter: light(1.12, 2) },
  { name: 'haze', fault: null, filter: light(0.8, 30) },
  { name: 'dusk', fault: null, filter: light(0.6, 0) },
  { name: 'pole sways', fault: null, window: { x: 0.512, y: 0.52 } },
  { name: 'sensor noise', fault: null, filter: 'noise=alls=6:allf=t' },
  { name: 'black', fault: 'black', alone: true, filter: light(0.012, 1) },
  { name: 'very dark', fault: 'black', alone: true, filter: light(0.03, 0) },
  { name: 'white', fault: 'tooBright', alone: true, filter: light(0.4, 190) },
  { name: 'washed out', fault: 'tooBright', alone: true, filter: light(0.6, 130) },
  { name: 'blue', fault: 'noSignal', alone: true, filter: 'lutyuv=y=41:u=240:v=110', still: 'all' },
  { name: 'frozen', fault: 'frozen', alone: true, still: 'all' },
  { name: 'frozen, clock runs', fault: 'frozen', alone: true, still: 'clock' },
  { name: 'blur σ2', fault: 'blurred', filter: 'gblur=sigma=2' },
  { name: 'blur σ4', fault: 'blurred', filter: 'gblur=sigma=4' },
  { name: 'blur σ8', fault: 'blurred', filter: 'gblur=sigma=8' },
  { name: 'blur σ16', fault: 'blurred', filter: 'gblur=sigma=16' },
  { name: 'snow 25', fault: 'noise', filter: 'noise=alls=25:allf=t' },
  { name: 'snow 40', fault: 'noise', filter: 'noise=alls=40:allf=t' },
  { name: 'snow 60', fault: 'noise', alone: true, filter: 'noise=alls=60:allf=t' },
  { name: 'snow 90', fault: 'noise', alone: true, filter: 'noise=alls=90:allf=t' },
  { name: 'sheet over all', fault: 'covered', filter: `${light(0.03, 74)},gblur=sigma=20` },
  { name: 'sheet, grey 80 %', fault: 'covered', filter: sheet('iw*0.8', '0x707468') },
  { name: 'sheet, grey 60 %', fault: 'covered', filter: sheet('iw*0.6', '0x707468') },
  { name: 'hand', fault: 'covered', filter: `${sheet('iw', '0x7a5040')},${light(1, 0)},gblur=sigma=30` },
  { name: 'leaves', fault: 'covered', filter: 'LEAVES' },
  { name: 'green', fault: 'colourCast', filter: cast(-18, -20) },
  { name: 'weak green', fault: 'colourCast', filter: cast(-8, -9) },
  { name: 'magenta', fault: 'colourCast', filter: cast(14, 16) },
  { name: 'red', fault: 'colourCast', filter: cast(-6, 20) },
  { name: 'blue tint', fault: 'colourCast', filter: cast(20, -8) },
  { name: 'turned a little', fault: 'sceneShifted', window: { x: 0.85, y: 0.5 } },
  { name: 'turned', fault: 'sceneShifted', window: { x: 1, y: 0.2 } },
  { name: 'hangs down', fault: 'sceneShifted', window: { x: 0.4, y: 1 } },
  { name: 'turned away', fault: 'sceneShifted', elsewhere: true },
];
