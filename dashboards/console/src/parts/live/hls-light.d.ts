/** The player without subtitles, other sound tracks and copy protection: half the bytes, the same interface. */
declare module 'hls.js/light' {
  export { default } from 'hls.js';
}
