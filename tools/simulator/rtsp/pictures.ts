/**
 * What a camera shows. `good` is a street with moving cars and a running clock; `night` is the same in the dark and
 * as good as it gets there. `frozen` stands still with its clock, `frozenScene` while the clock runs on. `blue` is a
 * recorder without a signal. `covered` are leaves before the lens, `coveredPlain` a sheet. `h265` is the good picture
 * in H.265, `noFrames` a session in which nothing comes, `plain` one still colour with the label for tests that only
 * ask whose picture it is.
 */
export const PICTURES = [
  'good',
  'night',
  'black',
  'bright',
  'blue',
  'frozen',
  'frozenScene',
  'blurred',
  'covered',
  'coveredPlain',
  'colourCast',
  'shifted',
  'noise',
  'h265',
  'noFrames',
  'plain',
] as const;
export type CameraPicture = (typeof PICTURES)[number];

/** Everything that decides what a film looks like. */
export interface FilmRecipe {
  readonly picture: Exclude<CameraPicture, 'noFrames' | 'h265'>;
  readonly codec: 'h264' | 'h265';
  readonly width: number;
  readonly height: number;
  /** Also the distance of the key pictures: one a second. */
  readonly fps: number;
  /** Burnt in below: letters, digits, blank, `.`, `_` and `-`. */
  readonly label: string;
  /** `#rrggbb` of a band behind the label; absent = none. */
  readonly colour?: string | undefined;
  /** Another street for another number. */
  readonly seed: number;
}

/** A prime, so that two looks a whole number of minutes apart do not meet the same second of the film. */
const MOVING_S = 23;
const LENGTH_S: Partial<Record<FilmRecipe['picture'], number>> = {
  black: 7,
  blue: 7,
  frozen: 2,
  noise: 7,
  plain: 1,
};
export const secondsOf = (picture: FilmRecipe['picture']): number => LENGTH_S[picture] ?? MOVING_S;

/** Pictures painted for a film, by input number of {@link graphOf}. */
export const INPUTS = ['street', 'leaves', 'carA', 'carB', 'walker'] as const;

/** The street is painted larger than the picture, so that a camera can be turned away. */
export const sceneSize = (recipe: FilmRecipe) => ({
  width: even(recipe.width * 1.6),
  height: even(recipe.height * 1.25),
});

/** The filter graph from the painted {@link INPUTS} to `[film]`, limited range, clock and label burnt in. */
export function graphOf(recipe: FilmRecipe): string {
  const { picture, width, height } = recipe;
  const scene = sceneSize(recipe);
  if (picture === 'plain') return `color=c=${colourOf(recipe)}:s=${width}x${height}:r=${recipe.fps},${label(recipe)}`;
  const still = picture === 'frozen' || picture === 'frozenScene';
  const time = still ? '5' : 't';
  const along = (speed: number, phase: number) => `mod(${time}*W*${speed}+W*${phase}\\,W+w)-w`;
  const moving = [
    `[0:v][4:v]overlay=x='${along(0.05, 0.4)}':y=H*0.6:eval=frame[a]`,
    `[a][2:v]overlay=x='W-(${along(0.16, 0.75)})-w':y=H*0.64:eval=frame[b]`,
    `[b][3:v]overlay=x='${along(0.22, 0.3)}':y=H*0.76:eval=frame[c]`,
  ];
  const left =
    picture === 'shifted' ? Math.round((scene.width - width) * 0.95) : Math.round((scene.width - width) * 0.3);
  const top = picture === 'shifted' ? 0 : Math.round((scene.height - height) * 0.8);
  const cover = picture === 'covered' ? ["[1:v]overlay=x='W*0.04*(sin(t*1.7)-1)':y=0:eval=frame"] : [];
  // What little light is left is amplified, and its noise with it.
  const gain = picture === 'black' || picture === 'coveredPlain' ? 8 : 3;
  const sensor = picture === 'blue' ? [] : [`noise=c0s=${gain}${still ? '' : ':c0f=t'}`];
  return [
    ...moving,
    [
      `[c]crop=${width}:${height}:${left}:${top}${cover.length ? '[d];[d]' : ''}${cover.join('')}`,
      'format=yuv420p',
      ...spoil(recipe),
      ...sensor,
      clock(recipe),
      label(recipe),
    ].join(','),
  ].join(';');
}

function spoil({ picture, width }: FilmRecipe): string[] {
  switch (picture) {
    case 'black':
      return ["lutyuv=y='17+(val-16)*0.012':u='126+val*0.016':v='126+val*0.016'"];
    case 'night':
      return ["lutyuv=y='20+(val-16)*0.36':u=128:v=128", 'noise=c0s=5:c0f=t'];
    case 'bright':
      return ["lutyuv=y='min(235,150+(val-16)*0.9)':u='(val-128)*0.4+128':v='(val-128)*0.4+128'"];
    case 'blue':
      return ['lutyuv=y=41:u=240:v=110'];
    case 'blurred':
      return [`gblur=sigma=${(width / 64).toFixed(1)}`];
    case 'coveredPlain':
      return ["lutyuv=y='92+(val-92)*0.03':u='128+(val-128)*0.1':v='131+(val-128)*0.1'", 'gblur=sigma=20'];
    case 'colourCast':
      return ["lutyuv=u='val-20':v='val-24'"];
    case 'noise':
      return ['noise=alls=55:allf=t'];
    default:
      return [];
  }
}

const CLOCK_START = 1_778_000_000;

function clock({ picture, height }: FilmRecipe): string {
  const size = Math.max(12, Math.round(height / 18));
  const text = picture === 'frozen' ? new Date(CLOCK_START * 1_000).toISOString().slice(0, 19).replace('T', ' ') : '';
  const shown = text ? text.replaceAll(':', '\\:') : `%{pts\\:gmtime\\:${CLOCK_START}}`;
  return `drawtext=text='${shown}':fontsize=${size}:fontcolor=white:borderw=1:bordercolor=black:x=6:y=6`;
}

function label(recipe: FilmRecipe): string {
  const size = Math.max(12, Math.round(recipe.height / 14));
  const band = recipe.colour
    ? [`drawbox=x=0:y=ih-${size + 10}:w=iw:h=${size + 10}:color=${colourOf(recipe)}:t=fill`]
    : [];
  const text = recipe.label
    ? [
        `drawtext=text='${recipe.label}':fontsize=${size}:fontcolor=white:borderw=1:bordercolor=black:x=6:y=h-${size + 4}`,
      ]
    : [];
  return [...band, ...text, 'format=yuv420p'].join(',');
}

const colourOf = (recipe: FilmRecipe) => (recipe.colour ?? '#404040').replace('#', '0x');
const even = (value: number) => Math.round(value / 2) * 2;
const LEVELS = [40, 104, 168, 232] as const;

/** One of 64 colours (`#rrggbb`) that survive coding; {@link codeOf} reads it back from a picture. */
export function codeColour(n: number): string {
  const parts = [n & 3, (n >> 2) & 3, (n >> 4) & 3].map((level) => LEVELS[level] ?? 0);
  return `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}

/** The number of the nearest code colour to a pixel (or the mean of many). */
export function codeOf(red: number, green: number, blue: number): number {
  const level = (value: number) => Math.min(3, Math.max(0, Math.round((value - LEVELS[0]) / 64)));
  return level(red) | (level(green) << 2) | (level(blue) << 4);
}
