import { existsSync } from 'node:fs';

/** Fonts with Chinese letters, as Debian and others install them. */
const FONTS = [
  '/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc',
  '/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc',
  '/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc',
  '/usr/share/fonts/truetype/wqy/wqy-microhei.ttc',
];

/** The first font that is there; undefined = no text can be burnt in. */
export const findFont = (candidates: readonly string[] = FONTS): string | undefined => candidates.find(existsSync);

/**
 * ffmpeg filters that burn the words of a file of ours and the running time into the lower left corner. `timeFile` holds
 * a `%{pts…}` expression ({@link timeExpression}); files keep every letter of a name out of the filter's own grammar.
 */
export function watermarkFilters(options: {
  readonly font: string;
  readonly textFile: string;
  readonly timeFile: string;
}): string[] {
  const style = `fontfile=${options.font}:fontcolor=white:bordercolor=black:borderw=1:fontsize=max(12\\,h/28)`;
  return [
    `drawtext=${style}:textfile=${options.textFile}:expansion=none:x=8:y=h-line_h*2.4`,
    `drawtext=${style}:textfile=${options.timeFile}:x=8:y=h-line_h*1.2`,
  ];
}

/** Shows the wall time of each frame of a file that began at `startMs`, in a zone `offsetMs` east of UTC. */
export function timeExpression(startMs: number, offsetMs: number): string {
  return `%{pts:gmtime:${Math.floor((startMs + offsetMs) / 1_000)}:%Y-%m-%d %H\\:%M\\:%S}`;
}
