import { describe, expect, it } from 'vitest';
import { createPlaylist, isMediaName, readRunList } from './playlist.ts';

const written = (run: number, first: number, count: number) =>
  [
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    '#EXT-X-TARGETDURATION:1',
    `#EXT-X-MEDIA-SEQUENCE:${first}`,
    `#EXT-X-MAP:URI="r${run}-init.mp4"`,
    ...Array.from({ length: count }, (_, i) => `#EXTINF:1.000000,\nr${run}-${first + i}.m4s`),
    '',
  ].join('\n');
const run = (text: string) => {
  const list = readRunList(text);
  if (!list) throw new Error('no list');
  return list;
};

describe('the playlist of a view', () => {
  it('goes on counting over a restart and marks the gap', () => {
    const playlist = createPlaylist();
    expect(playlist.text()).toBeUndefined();
    playlist.update(run(written(1, 0, 3)));
    playlist.update(run(written(1, 1, 3)));
    playlist.nextRun();
    playlist.nextRun();
    playlist.update(run(written(3, 0, 2)));
    const text = playlist.text() ?? '';
    expect(text).toContain('#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-DISCONTINUITY-SEQUENCE:0\n');
    expect(text.match(/#EXT-X-DISCONTINUITY\n/g)).toHaveLength(1);
    expect(text).toContain('#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI="r3-init.mp4"\n#EXTINF:1.000,\nr3-0.m4s');
    expect(playlist.count).toBe(6);
    playlist.update(run(written(3, 2, 6)));
    expect(playlist.text()).toContain('#EXT-X-MEDIA-SEQUENCE:6\n#EXT-X-DISCONTINUITY-SEQUENCE:1\n');
  });

  it('lets only listed names be read, and those of a moment ago', () => {
    const playlist = createPlaylist();
    playlist.update(run(written(1, 0, 6)));
    playlist.update(run(written(1, 30, 6)));
    expect(['r1-30.m4s', 'r1-35.m4s', 'r1-init.mp4', 'r1-5.m4s'].map(playlist.has)).toEqual([true, true, true, true]);
    expect(['r1-0.m4s', 'r1-29.m4s', 'r2-init.mp4', 'r1.m3u8'].map(playlist.has)).toEqual([false, false, false, false]);
  });

  it('reads nothing half written and no foreign names', () => {
    expect(readRunList('')).toBeUndefined();
    expect(readRunList('#EXTM3U\n#EXT-X-MAP:URI="r1-init.mp4"\n')).toBeUndefined();
    expect(readRunList('#EXTM3U\n#EXT-X-MAP:URI="../x"\n#EXTINF:1,\nr1-0.m4s\n')).toBeUndefined();
    expect(readRunList('#EXTM3U\n#EXT-X-MAP:URI="r1-init.mp4"\n#EXTINF:1,\n/etc/passwd\n')).toBeUndefined();
    expect(['r1-0.m4s', 'r1-init.mp4'].map(isMediaName)).toEqual([true, true]);
    expect(['../r1-0.m4s', 'r1-0.m4s\0', 'r1-0.m4s\n', 'r1.m3u8', '/r1-0.m4s', ''].some(isMediaName)).toBe(false);
  });
});
