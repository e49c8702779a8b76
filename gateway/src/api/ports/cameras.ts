import type { Static } from 'typebox';
import type { Actor } from '../../domain/actor.ts';
import type { ArchiveInput, ArchivePatch } from '../../domain/camera-archive.ts';
import type { ArchiveView, CameraQuery, CameraView, StreetCode } from '../../domain/camera-record.ts';
import type { NationalCodeInput, StreetCodeInput } from '../../domain/camera-requests.ts';
import type { Crs } from '../../domain/geo.ts';
import type { Page } from '../../domain/page.ts';
import type { ComposedCodeView } from '../schemas/camera.ts';

/** Cameras as the registry keeps them. */
export interface CameraPort {
  list(actor: Actor, query: CameraQuery, crs?: Crs): Promise<Page<CameraView>>;
  get(actor: Actor, id: string, crs?: Crs): Promise<CameraView>;
  archive(actor: Actor, id: string, crs?: Crs): Promise<ArchiveView>;
  putArchive(actor: Actor, id: string, input: ArchiveInput): Promise<ArchiveView>;
  patchArchive(actor: Actor, id: string, patch: ArchivePatch): Promise<ArchiveView>;
  /** Asks the camera now. */
  refresh(actor: Actor, id: string): Promise<CameraView>;
  compose(actor: Actor, input: NationalCodeInput): Promise<Static<typeof ComposedCodeView>>;
  assign(
    actor: Actor,
    id: string,
    input: NationalCodeInput,
  ): Promise<{ code: Static<typeof ComposedCodeView>; camera: CameraView }>;
  streets(actor: Actor): Promise<{ items: readonly StreetCode[] }>;
  putStreet(actor: Actor, street: string, input: StreetCodeInput): Promise<StreetCode>;
}
