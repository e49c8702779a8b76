/** A batch of what one process heard, written and not yet made part of the verdict. */
export interface WrittenEvidence {
  readonly id: number;
  readonly body: string;
}

/** How far one process that hears a path has told what it heard. */
export interface EvidenceSource {
  /** Name of its data directory: the same after a restart. */
  readonly source: string;
  readonly path: string;
  /** Name of the process. */
  readonly node: string;
  /** Epoch milliseconds; everything heard before it is told. */
  readonly heardTo: number;
  /** Why it cannot hear; null = it hears. */
  readonly deaf: string | null;
  /** Messages on its disk that are not told; null = it keeps nothing that outlives it. */
  readonly undrained: number | null;
}
