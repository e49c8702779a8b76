import Type from 'typebox';
import { PICTURE_ORIGINS, PICTURE_PURPOSES } from '../../domain/picture.ts';
import { Enum, Named, TimeOut } from '../schema.ts';

export const PictureView = Named(
  'Picture',
  Type.Object({
    id: Type.String(),
    takenAt: { ...TimeOut, description: 'The picture is not older than this' },
    origin: Enum(PICTURE_ORIGINS, { description: 'The camera’s own JPEG, or a key frame of its stream' }),
    purpose: Enum(PICTURE_PURPOSES),
    sha256: Type.String({ description: 'Of the stored original, hex; a masked camera shows other bytes' }),
    bytes: Type.Integer(),
    width: Type.Integer(),
    height: Type.Integer(),
    pinned: Type.Boolean(),
    keptUntil: { ...TimeOut, description: 'Removed after this unless pinned' },
  }),
);

/** Bytes of an image; sent as they are. */
export const Jpeg = Type.Unsafe<Uint8Array>({ type: 'string', contentMediaType: 'image/jpeg' });
