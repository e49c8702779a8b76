export type { PictureViews as PictureViewPort, ShownPicture } from '../../domain/picture-view.ts';
