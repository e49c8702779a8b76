/** What the filters wrote of one frame; a value that was no number (`-nan`, `inf`) is null. */
export type FilterReadings = ReadonlyMap<string, number | null>;

const FRAME = /frame:\s*(\d+)\s+pts:\s*\S+\s+pts_time:\s*(\S+)/;
const VALUE = /lavfi\.(?:signalstats\.)?([A-Za-z]+)=(\S+)/;

/** Reads what `metadata=print` logged: one map a frame, with the stream time in seconds as `time`. */
export function parseReadings(log: string): FilterReadings[] {
  const frames: Map<string, number | null>[] = [];
  for (const line of log.split('\n')) {
    const frame = FRAME.exec(line);
    if (frame) frames.push(new Map([['time', finite(frame[2])]]));
    const value = VALUE.exec(line);
    if (value?.[1]) frames.at(-1)?.set(value[1], finite(value[2]));
  }
  return frames;
}

// blurdetect divides by the number of its edges and prints `nan` or `-nan` for a picture without any.
function finite(text: string | undefined): number | null {
  const value = Number(text);
  return text === undefined || !Number.isFinite(value) ? null : value;
}
