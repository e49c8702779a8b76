import type { DeviceKey } from '../domain/device.ts';
import type {
  ConditionEvidence,
  LinkEvidence,
  MessageEvidence,
  ProbeEvidence,
  SignEvidence,
  VendorLinkEvidence,
} from '../domain/evidence.ts';
import type { EvidenceSource, WrittenEvidence } from '../domain/evidence-rows.ts';
import type { Tx } from '../domain/tx.ts';

/** Who judges by what was heard; the same calls whether it is in this process or elsewhere. */
export interface Hearer {
  observe(evidence: readonly MessageEvidence[]): void;
  link(evidence: LinkEvidence): void;
  probe(evidence: ProbeEvidence): void;
  sign(evidence: SignEvidence): void;
  condition(evidence: ConditionEvidence): void;
  vendorLink(evidence: VendorLinkEvidence): void;
  /** Something other than evidence changed what these devices are judged by. */
  lifecycleChanged(device: DeviceKey): void;
  decideAgain(devices: readonly DeviceKey[]): void;
}

/** The judge itself, as the reader of what others heard needs it. */
export interface Judge extends Hearer {
  pathUp(path: string): void;
  pathDown(path: string, reason: string): void;
  sweep(): Promise<void>;
  flush(): Promise<void>;
}

export interface EvidenceStore {
  write(tx: Tx, source: string, body: string): Promise<void>;
  /** In the order they were numbered, without these; one that commits late may have a lower number than one read before. */
  read(tx: Tx, without: readonly number[], limit: number): Promise<readonly WrittenEvidence[]>;
  remove(tx: Tx, ids: readonly number[]): Promise<void>;
  /** Forgets what nobody took for so long (ms); answers how many batches. */
  forget(tx: Tx, olderMs: number): Promise<number>;
  tell(tx: Tx, sources: readonly EvidenceSource[]): Promise<void>;
  sources(tx: Tx): Promise<readonly (EvidenceSource & { readonly awayMs: number })[]>;
  withdraw(tx: Tx, source: string, path: string): Promise<void>;
}
