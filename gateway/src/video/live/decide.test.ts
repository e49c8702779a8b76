import { describe, expect, it } from 'vitest';
import { type Question, waysToShow } from './decide.ts';

const both = (main: string, sub: string): Question['streams'] => [
  { role: 'main', codec: main },
  { role: 'sub', codec: sub },
];
const only = (codec: string): Question['streams'] => [{ role: 'main', codec }];
const ask = (streams: Question['streams'], over: Partial<Question> = {}) =>
  waysToShow({ streams, wanted: 'main', h265: false, masked: false, ...over }).map(
    ({ mode, role, codec, why }) => `${mode} ${role} ${codec} ${why}`,
  );

describe('what a viewer is shown', () => {
  it.each([
    ['H.264 as it is', only('H264'), {}, ['copy main H264 h264Direct']],
    ['the sub stream when asked for', both('H264', 'H264'), { wanted: 'sub' }, ['sub sub H264 subRequested']],
    ['the main stream when there is no sub stream', only('H264'), { wanted: 'sub' }, ['copy main H264 h264Direct']],
    ['H.265 as it is to who plays it', both('H265', 'H264'), { h265: true }, ['copy main H265 h265Direct']],
    ['the H.264 sub stream instead of H.265', both('H265', 'H264'), {}, ['sub sub H264 subInstead']],
    [
      'H.265 re-encoded, else pictures',
      both('H265', 'H265'),
      {},
      ['transcode main H264 h265Transcoded', 'snapshots main MJPEG transcodersBusy'],
    ],
    [
      'MJPEG re-encoded, else pictures',
      only('MJPEG'),
      { h265: true },
      ['transcode main H264 mjpegTranscoded', 'snapshots main MJPEG transcodersBusy'],
    ],
    ['nothing of a camera without streams', [], {}, []],
  ] as const)('%s', (_name, streams, over, expected) => {
    expect(ask(streams, over)).toEqual(expected);
  });

  it('of a masked camera is never one of its own streams', () => {
    for (const main of ['H264', 'H265', 'MJPEG', 'other']) {
      for (const streams of [only(main), both(main, 'H264'), both(main, 'H265')]) {
        for (const wanted of ['main', 'sub'] as const) {
          for (const h265 of [true, false]) {
            const ways = waysToShow({ streams, wanted, h265, masked: true });
            expect(ways.map(({ mode }) => mode)).toEqual(['masked', 'snapshots']);
            expect(ways.every(({ codec, mode }) => mode === 'snapshots' || codec === 'H264')).toBe(true);
          }
        }
      }
    }
  });
});
