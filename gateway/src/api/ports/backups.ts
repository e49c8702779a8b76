import type { Actor } from '../../domain/actor.ts';
import type { BackupRun, BackupStanding } from '../../domain/backup-rows.ts';
import type { Page } from '../../domain/page.ts';

export interface BackupPort {
  list(
    actor: Actor,
    query: { limit: number; cursor?: string },
  ): Promise<Page<BackupRun> & { readonly standing: BackupStanding }>;
  make(actor: Actor): Promise<{ readonly id: string }>;
}
