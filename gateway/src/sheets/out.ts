/** What a cell of a file we write may hold: texts are defused, numbers stay numbers. */
export type OutCell = string | number | null | undefined;

export interface OutColumn {
  readonly header: string;
  /** Width in characters; absent = by the header. */
  readonly width?: number;
  /** Values a person may choose from; XLSX only. */
  readonly list?: readonly string[];
}

/** One table of a file. Rows may come page by page: no more of them than a chunk is held. */
export interface OutSheet {
  /** 1–31 characters, none of `[]:*?/\`. */
  readonly name: string;
  /** Lines above the header, e.g. who exported why (domain/export-mark.ts); readers skip them. */
  readonly notes?: readonly string[];
  readonly columns: readonly OutColumn[];
  readonly rows: AsyncIterable<readonly OutCell[]> | Iterable<readonly OutCell[]>;
}
