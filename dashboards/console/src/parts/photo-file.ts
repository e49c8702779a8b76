import { newId } from './new-id.ts';
import { withExif } from './photo-exif.ts';

/** A picture as it will be sent; can be kept in the phone's own store until there is a line. */
export interface Photo {
  readonly id: string;
  readonly name: string;
  readonly blob: Blob;
  /** Epoch milliseconds; the gateway prefers what the file itself says. */
  readonly takenAt: number;
  /** WGS-84; absent = the phone did not say. */
  readonly place?: { readonly lat: number; readonly lon: number };
}

const LONGEST_PX = 1_600;
const QUALITY = 0.82;
const PLACE_PATIENCE_MS = 6_000;

/**
 * Made small enough for a phone's line; when and where it was taken stay in the file. What the browser cannot draw
 * (HEIC, PDF) goes as it is.
 */
export async function photoOf(file: File, place?: Photo['place']): Promise<Photo> {
  const said = { id: newId(), takenAt: file.lastModified, ...(place && { place }) };
  const small = file.type.startsWith('image/') ? await shrunk(file) : null;
  if (small === null) return { ...said, name: file.name, blob: file };
  return { ...said, name: `${file.name.replace(/\.\w+$/, '')}.jpg`, blob: small };
}

async function shrunk(file: File): Promise<Blob | null> {
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' }).catch(() => null);
  if (picture === null) return null;
  const scale = Math.min(1, LONGEST_PX / Math.max(picture.width, picture.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const drawn = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', QUALITY));
  if (drawn === null) return null;
  const [original, jpeg] = await Promise.all([file.arrayBuffer(), drawn.arrayBuffer()]);
  return new Blob([withExif(new Uint8Array(jpeg), new Uint8Array(original))], { type: 'image/jpeg' });
}

/** Where the phone is; undefined when it does not say so in a few seconds. Never throws. */
export function whereAmI(): Promise<Photo['place'] | undefined> {
  return new Promise((done) => {
    if (!('geolocation' in navigator)) return done(undefined);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => done({ lat: coords.latitude, lon: coords.longitude }),
      () => done(undefined),
      { enableHighAccuracy: true, timeout: PLACE_PATIENCE_MS, maximumAge: 60_000 },
    );
  });
}
